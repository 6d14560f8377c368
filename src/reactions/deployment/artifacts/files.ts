import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'

/** One object of a model's folder. */
export interface ModelFile {
  /** The key below the folder: `data/model.pkl`. Empty or ending in a slash for a "folder" object of 0 bytes. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly etag: string
}

/** More than any model has, and few enough to list in memory. A prefix with more is not a model's folder. */
export const MOST_FILES = 100_000

/** Bytes of a file name on POSIX file systems. */
const LONGEST_NAME = 255

const encoder = new TextEncoder()
const bytesOf = (text: string): number => encoder.encode(text).length

/** An empty object whose key ends in a slash: consoles and Hadoop create them for folders. It is not a file. */
export const isMarker = ({ path }: Pick<ModelFile, 'path'>): boolean => path === '' || path.endsWith('/')

/**
 * Why these objects cannot be files in a folder; `undefined` if they can. S3 allows any key; on a disk, `a` cannot be both a
 * file and a folder, `..` leaves the folder, and a NUL ends a name. Every other character can be in a file name, and a key is
 * at most 1,024 bytes, so no path is too long.
 */
export function badPath(files: readonly ModelFile[]): { path: string; reason: string } | undefined {
  const paths = new Set(files.filter((file) => !isMarker(file)).map(({ path }) => path))
  for (const path of paths) {
    const parts = path.split('/')
    const part = parts.find((one) => one === '' || one === '.' || one === '..')
    if (part !== undefined) return { path, reason: `a part of its path is ${part === '' ? 'empty' : `"${part}"`}` }
    if (path.includes('\0')) return { path, reason: 'its path has a NUL character' }
    // Two such paths would have the same bytes.
    if (!path.isWellFormed())
      return { path, reason: 'its path has half of a surrogate pair, which UTF-8 cannot encode' }
    if (parts.some((one) => bytesOf(one) > LONGEST_NAME)) {
      return { path, reason: `a part of its path is longer than ${LONGEST_NAME} bytes` }
    }
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join('/')
      if (paths.has(above)) return { path, reason: `"${above}" is a file too, and would have to be a folder` }
    }
  }
  return undefined
}

/**
 * Refuses what SageMaker's S3Prefix cannot mount (API reference, S3ModelDataSource): it writes the objects as files, and a key that
 * is not a file name, or has a blank part, makes the endpoint fail minutes later.
 *
 * @throws {Refused} `bad-artifacts`
 */
export function checkPrefix(folder: Location, files: readonly ModelFile[]): void {
  const marker = files.find(isMarker)
  if (marker !== undefined) {
    refuseFile(
      folder,
      marker.path,
      'its key ends in a slash: it marks a folder, and SageMaker would create a file without a name',
    )
  }
  checkPaths(folder, files)
  const blank = files.find(({ path }) => path.split('/').some((part) => part.trim() === ''))
  if (blank !== undefined) refuseFile(folder, blank.path, 'a part of its path is blank, which SageMaker does not mount')
}

/** @throws {Refused} `bad-artifacts` if the objects cannot be files in one folder */
export function checkPaths(folder: Location, files: readonly ModelFile[]): void {
  const bad = badPath(files)
  if (bad !== undefined) refuseFile(folder, bad.path, bad.reason)
}

/** @param encoded as the listing has it */
export function undecodable(folder: Location, encoded: string): Refused {
  return notFile(folder, encoded, encoded, 'its key is not encoded UTF-8')
}

function refuseFile(folder: Location, path: string, reason: string): never {
  // As JSON, since it may have characters that cannot be stored or shown.
  const shown = JSON.stringify(path).slice(1, -1)
  throw notFile(folder, `${locationUri(folder)}/${shown}`, shown, reason)
}

function notFile(folder: Location, subject: string, found: string, reason: string): Refused {
  return new Refused(
    'bad-artifacts',
    `the model in ${locationUri(folder)} has an object that cannot be served as a file: ${reason}`,
    {
      subject,
      expected:
        'names that are files on a disk: no empty, "." or ".." part, none longer than 255 bytes, no NUL, no file where a folder is',
      found,
      advice: 'Remove or rename the object, or log the model again.',
    },
  )
}
