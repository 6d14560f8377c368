/** Reads as little of a file as its columns need. */
import { Refused } from '../../core/refused.ts'
import type { FileFormat } from '../../lake/lake.ts'
import type { DataType } from '../../tables/schema.ts'
import type { RandomAccess, TableStore } from '../../tables/store.ts'
import type { RefusedPart } from '../../core/reaction.ts'
import type { Sampled } from './drift.ts'
import { HeaderIncomplete, inferAvro } from './infer/avro.ts'
import { inferCsv } from './infer/csv.ts'
import { inferJson } from './infer/json.ts'
import { type FileSchema, reasonOf, unreadable } from './infer/schema.ts'
import type { Inflate } from './ports.ts'

/** Bytes that are read of a file: at first, and again if its header or first record is longer. */
const HEADS = [256 * 1024, 4 * 1024 * 1024] as const

export type Read =
  | { readonly kind: 'read'; readonly file: Sampled }
  | { readonly kind: 'refused'; readonly part: RefusedPart }
  /** Deleted meanwhile; the event of that will follow. */
  | { readonly kind: 'gone' }

/** The columns of a file. Errors of the store may be temporary, and are thrown. */
export async function readFile(path: string, format: FileFormat, store: TableStore, inflate: Inflate): Promise<Read> {
  const file = await store.open(path)
  if (file === undefined) return { kind: 'gone' }
  try {
    const schema = await infer(path, format, file, inflate)
    const deep = schema.fields.find(({ type }) => depthOf(type) > DEEPEST)
    if (deep !== undefined) throw unreadable(`column ${deep.name} is nested more than ${DEEPEST} levels deep`)
    return { kind: 'read', file: { path, schema } }
  } catch (thrown) {
    const error = thrown instanceof RangeError ? unreadable('the file is nested too deeply', thrown) : thrown
    if (!(error instanceof Refused)) throw error
    const part = { code: error.code, reason: error.message, sample: path, count: 1 }
    return {
      kind: 'refused',
      part: { ...part, advice: 'Replace or remove the file; the other files are processed without it.' },
    }
  }
}

/** Deeper than any real table, and far below the limit of recursion. */
const DEEPEST = 100

/** Stops at the limit: how much deeper does not matter. */
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
  // Loaded on demand: the Parquet reader is by far the largest.
  if (format === 'parquet') return (await import('./infer/parquet.ts')).inferParquet(file)
  const parse = format === 'avro' ? avro : text(format === 'json' ? inferJson : inferCsv)
  let last: unknown
  for (const size of HEADS) {
    const whole = file.byteLength <= size
    const head = new Uint8Array(await file.slice(0, Math.min(size, file.byteLength)))
    try {
      if (format === 'avro') return parse(head, whole)
      const text = await inflated(path, head, whole, inflate)
      return parse(text.bytes, text.whole)
    } catch (error) {
      // No I/O happened, so a retry would fail too; one such file must not block the columns of the others.
      const isKnown = error instanceof Refused || error instanceof RangeError
      last = isKnown ? error : unreadable(`the schema cannot be read: ${reasonOf(error)}`, error)
      if (whole) break
    }
  }
  throw last
}

/** A header may be longer than the beginning that was read; a whole file that ends in its header is truncated. */
function avro(head: Uint8Array, whole: boolean): FileSchema {
  try {
    return inferAvro(head)
  } catch (error) {
    if (!(error instanceof HeaderIncomplete)) throw error
    throw unreadable(
      whole ? 'the file ends within its header' : 'the header is longer than the 4 MB that are read',
      error,
    )
  }
}

function text(parse: (text: string, whole: boolean) => FileSchema) {
  return (head: Uint8Array, whole: boolean): FileSchema => parse(utf8(head, whole), whole)
}

function utf8(bytes: Uint8Array, whole: boolean): string {
  try {
    // The beginning of a file may end within a character.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !whole })
  } catch (error) {
    throw unreadable('the file is not UTF-8', error)
  }
}

/** Compressions that Athena reads and Landfall does not. */
const UNKNOWN = ['bz2', 'snappy', 'lz4', 'lzo', 'deflate', 'br', 'zip', 'xz']

async function inflated(path: string, head: Uint8Array, whole: boolean, inflate: Inflate): ReturnType<Inflate[string]> {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  if (UNKNOWN.includes(ending)) throw unreadable(`its compression is not supported (.${ending})`)
  const undo = Object.hasOwn(inflate, ending) ? inflate[ending] : undefined
  if (undo === undefined) return { bytes: head, whole }
  try {
    return await undo(head, whole)
  } catch (error) {
    throw unreadable(
      `the ${whole ? 'file' : 'beginning of the file'} cannot be decompressed as .${ending}: ${reasonOf(error)}`,
      error,
    )
  }
}
