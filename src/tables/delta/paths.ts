/** Paths of data files as the log spells them: URIs by RFC 2396, to be decoded once (Delta protocol, "Add File and Remove File"). */

const PERCENT = /%[0-9a-fA-F]{2}/u
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes percent-encoded bytes, once. A `%` that begins no valid escape, or escapes that are no UTF-8, stay as they are:
 * there is no other file they could mean.
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

/** A deletion vector as the log describes it ("Deletion Vector Descriptor Schema"), as far as a reader of lists needs it. */
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

/** What tells one logical file from another: its path and its deletion vector. `\0` is in no path. */
export function fileKey(path: string, deletionVector: string | undefined): string {
  return deletionVector === undefined ? path : `${path}\0${deletionVector}`
}
