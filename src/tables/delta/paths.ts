/** Paths of data files in a log: RFC 2396 URIs, to be decoded once (Delta protocol, "Add File and Remove File"). */

const PERCENT = /%[0-9a-fA-F]{2}/u
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes percent-encoded bytes, once. A `%` that does not begin a valid escape, or escapes that are not UTF-8, stay as they
 * are: they cannot mean any other file.
 */
export function decodePath(path: string): string {
  if (!PERCENT.test(path)) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return path.replaceAll(/(?:%[0-9a-fA-F]{2})+/gu, (run) => decodeRun(run))
  }
}

function decodeRun(run: string): string {
  const bytes = Uint8Array.from(run.slice(1).split('%'), (hex) => parseInt(hex, 16))
  try {
    return utf8.decode(bytes)
  } catch {
    return run
  }
}

/** The part of a deletion vector's descriptor that is needed to list files ("Deletion Vector Descriptor Schema"). */
export interface VectorDescriptor {
  readonly storageType: string
  readonly pathOrInlineDv: string
  readonly offset?: number | null
  readonly cardinality: number
}

/** The vector's `uniqueId` ("Derived Fields"). */
export function vectorId(vector: Omit<VectorDescriptor, 'cardinality'>): string {
  const { storageType, pathOrInlineDv, offset } = vector
  const id = storageType + pathOrInlineDv
  return offset === undefined || offset === null ? id : `${id}@${offset}`
}

/**
 * Identifies a logical file: by its path and its deletion vector. No two files have the same key, although a path may have any
 * character, also an encoded `\0`: with a vector, the length of the path tells where it ends.
 */
export function fileKey(path: string, deletionVector: string | undefined): string {
  if (deletionVector !== undefined) return `\0${path.length}:${path}${deletionVector}`
  return path.startsWith('\0') ? `\0:${path}` : path
}
