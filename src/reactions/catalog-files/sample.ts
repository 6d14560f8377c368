/** Reads as little of a file as says its columns. */
import { Refused } from '../../core/refused.ts'
import type { FileFormat } from '../../lake/lake.ts'
import type { DataType } from '../../tables/schema.ts'
import type { RandomAccess, TableStore } from '../../tables/store.ts'
import type { RefusedPart } from '../../core/reaction.ts'
import type { Sampled } from './drift.ts'
import { HeaderGoesOn, inferAvro } from './infer/avro.ts'
import { inferCsv } from './infer/csv.ts'
import { inferJson } from './infer/json.ts'
import { type FileSchema, reasonOf, unreadable } from './infer/schema.ts'
import type { Inflate } from './ports.ts'

/** Bytes of a file that are read at first, and once more where its first record or its header takes more. */
const HEADS = [256 * 1024, 4 * 1024 * 1024] as const

export type Read =
  | { readonly kind: 'read'; readonly file: Sampled }
  | { readonly kind: 'refused'; readonly part: RefusedPart }
  /** Deleted since it landed: its removal is on its way. */
  | { readonly kind: 'gone' }

/** What a file says of its columns. Whatever the store throws may succeed later, and is thrown on. */
export async function readFile(path: string, format: FileFormat, store: TableStore, inflate: Inflate): Promise<Read> {
  const file = await store.open(path)
  if (file === undefined) return { kind: 'gone' }
  try {
    const schema = await infer(path, format, file, inflate)
    const deep = schema.fields.find(({ type }) => depthOf(type) > DEEPEST)
    if (deep !== undefined) throw unreadable(`its column ${deep.name} is nested more than ${DEEPEST} levels deep`)
    return { kind: 'read', file: { path, schema } }
  } catch (thrown) {
    const error = thrown instanceof RangeError ? unreadable('it is nested too deeply', thrown) : thrown
    if (!(error instanceof Refused)) throw error
    const part = { code: error.code, reason: error.message, sample: path, count: 1 }
    return {
      kind: 'refused',
      part: { ...part, advice: 'Replace or remove the file; the others are taken without it.' },
    }
  }
}

/** Deeper than any table is, and far from where recursion ends. */
const DEEPEST = 100

/** Stops looking past the limit: how much deeper is no matter. */
function depthOf(type: DataType, above = 0): number {
  if (typeof type === 'string' || above > DEEPEST) return above
  const parts =
    type.type === 'struct'
      ? type.fields.map((each) => each.type)
      : type.type === 'array'
        ? [type.elementType]
        : [type.keyType, type.valueType]
  return parts.reduce((deepest, each) => Math.max(deepest, depthOf(each, above + 1)), above + 1)
}

async function infer(path: string, format: FileFormat, file: RandomAccess, inflate: Inflate): Promise<FileSchema> {
  // Loaded where there is Parquet, whose reader is by far the largest.
  if (format === 'parquet') return (await import('./infer/parquet.ts')).inferParquet(file)
  const parse = format === 'avro' ? avro : text(format === 'json' ? inferJson : inferCsv)
  let last: unknown
  for (const size of HEADS) {
    const whole = file.byteLength <= size
    const head = new Uint8Array(await file.slice(0, Math.min(size, file.byteLength)))
    try {
      return parse(format === 'avro' ? head : inflated(path, head, whole, inflate), whole)
    } catch (error) {
      // Nothing is read in there: what fails once fails always, and must not keep the other files' columns from the table.
      const isKnown = error instanceof Refused || error instanceof RangeError
      last = isKnown ? error : unreadable(`its schema cannot be read: ${reasonOf(error)}`, error)
      if (whole) break
    }
  }
  throw last
}

/** The whole header may not be in the beginning; a whole file without one is cut off. */
function avro(head: Uint8Array, whole: boolean): FileSchema {
  try {
    return inferAvro(head)
  } catch (error) {
    if (!(error instanceof HeaderGoesOn)) throw error
    throw unreadable(whole ? 'it ends within its header' : 'its header is longer than what is read of a file', error)
  }
}

function text(parse: (text: string, whole: boolean) => FileSchema) {
  return (head: Uint8Array, whole: boolean): FileSchema => parse(utf8(head, whole), whole)
}

function utf8(bytes: Uint8Array, whole: boolean): string {
  try {
    // A beginning may be cut within a character.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !whole })
  } catch (error) {
    throw unreadable('it is not UTF-8', error)
  }
}

/** Endings that Athena undoes and we do not. */
const UNKNOWN = ['bz2', 'snappy', 'lz4', 'lzo', 'deflate', 'br', 'zip', 'xz']

function inflated(path: string, head: Uint8Array, whole: boolean, inflate: Inflate): Uint8Array {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  if (UNKNOWN.includes(ending)) throw unreadable(`it is compressed in a way that is not read here (.${ending})`)
  const undo = Object.hasOwn(inflate, ending) ? inflate[ending] : undefined
  if (undo === undefined) return head
  try {
    return undo(head, whole)
  } catch (error) {
    throw unreadable(
      `it cannot be decompressed as .${ending}${whole ? '' : ' from its beginning'}: ${reasonOf(error)}`,
      error,
    )
  }
}
