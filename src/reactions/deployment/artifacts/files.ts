import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri } from '../../../lake/lake.ts'

/** One object of a model's folder. */
export interface ModelFile {
  /** The key below the folder: `data/model.pkl`. Ends in a slash, or is empty, where somebody made a "folder" of 0 bytes. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly etag: string
}

/** More than any model has, and what a list of in memory is still small: a prefix that holds more is no model's folder. */
export const MOST_FILES = 100_000

/** The most bytes of a name in a POSIX file system. */
const LONGEST_NAME = 255

const encoder = new TextEncoder()
const bytesOf = (text: string): number => encoder.encode(text).length

/** Objects of 0 bytes whose key ends in a slash: consoles and Hadoop make them to stand for a folder. They are no files. */
export const isMarker = ({ path }: Pick<ModelFile, 'path'>): boolean => path === '' || path.endsWith('/')

/**
 * Why these objects do not make a tree of files; `undefined` where they do. In S3 any key is fine; on a disk `a` cannot be a file
 * and a folder, and `..` leads out.
 */
export function badPath(files: readonly ModelFile[]): { path: string; reason: string } | undefined {
  const paths = new Set(files.filter((file) => !isMarker(file)).map(({ path }) => path))
  for (const path of paths) {
    const parts = path.split('/')
    const part = parts.find((one) => one === '' || one === '.' || one === '..')
    if (part !== undefined) return { path, reason: `a part of its path is ${part === '' ? 'empty' : `"${part}"`}` }
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
 * Refuses what SageMaker's S3Prefix does not take (API reference, S3ModelDataSource): it lays the objects out as files, and where
 * a key is no file's name the endpoint's start fails, minutes later.
 *
 * @throws {Refused} `bad-artifacts`
 */
export function checkPrefix(folder: Location, files: readonly ModelFile[]): void {
  const marker = files.find(isMarker)
  if (marker !== undefined) {
    refuseFile(
      folder,
      marker.path,
      'its key ends in a slash: it stands for a folder, and SageMaker takes it for a file without a name',
    )
  }
  checkPaths(folder, files)
}

/** @throws {Refused} `bad-artifacts` where the files cannot lie beside one another on a disk */
export function checkPaths(folder: Location, files: readonly ModelFile[]): void {
  const bad = badPath(files)
  if (bad !== undefined) refuseFile(folder, bad.path, bad.reason)
}

function refuseFile(folder: Location, path: string, reason: string): never {
  throw new Refused(
    'bad-artifacts',
    `the model in ${locationUri(folder)} has an object that cannot be served as a file: ${reason}`,
    {
      subject: `${locationUri(folder)}/${path}`,
      expected:
        'names that are files on a disk: no empty, "." or ".." part, none longer than 255 bytes, no file where a folder is',
      found: path,
      advice: 'remove or rename the object, or log the model again',
    },
  )
}
