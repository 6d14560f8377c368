import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'
import type { Inspected } from '../ports.ts'
import { checkPaths, checkPrefix, isMarker, MOST_FILES, type ModelFile } from './files.ts'
import { checkMlmodelSize, MLMODEL, readMlmodel } from './mlmodel.ts'

/** How many file names a refusal lists. */
const NAMED = 5

/**
 * Checks a listed folder before its MLmodel is read, for `Artifacts.inspect`.
 *
 * @returns the MLmodel's entry
 * @throws {Refused} as `Artifacts.inspect`
 */
export function checkFolder(folder: Location, files: readonly ModelFile[], uncompressed: boolean): ModelFile {
  const real = files.filter((file) => !isMarker(file))
  const mlmodel = real.find(({ path }) => path === MLMODEL)
  if (mlmodel === undefined) throw noModel(folder, real)
  checkMlmodelSize(mlmodel.size, folder)
  if (uncompressed) checkPrefix(folder, files)
  else checkPaths(folder, files)
  return mlmodel
}

/** @throws {Refused} as {@link readMlmodel} */
export function inspected(folder: Location, files: readonly ModelFile[], mlmodel: Uint8Array): Inspected {
  const real = files.filter((file) => !isMarker(file))
  return {
    ...readMlmodel(mlmodel, folder),
    files: real.length,
    bytes: real.reduce((sum, { size }) => sum + size, 0),
  }
}

export const tooManyFiles = (folder: Location): Refused =>
  new Refused('bad-artifacts', `${locationUri(folder)} has more files than any model`, {
    subject: locationUri(folder),
    expected: `at most ${MOST_FILES} objects`,
    found: `more than ${MOST_FILES}`,
    advice: 'Check that the model version points at its own folder.',
  })

function noModel(folder: Location, files: readonly ModelFile[]): Refused {
  const names = files.slice(0, NAMED).map(({ path }) => path)
  const found = files.length > NAMED ? `${names.join(', ')} and ${files.length - NAMED} more` : names.join(', ')
  return new Refused('no-artifacts', `there is no model in ${locationUri(folder)}`, {
    subject: locationUri(folder),
    expected: `a folder with an ${MLMODEL} at its root`,
    found: files.length === 0 ? 'no files' : found,
    advice: 'Check the source of the model version, and the `artifacts` of its registry in lake.yml.',
  })
}
