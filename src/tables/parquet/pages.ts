/**
 * The pages of one Parquet column chunk: decompressed, with their levels decoded. What a page claims is compared with its
 * bytes, and with the limits of limits.ts, before memory is taken.
 */
import { readHybrid } from './encodings.ts'
import type { ColumnChunk } from './footer.ts'
import { type Budget, MOST_ROWS, within } from './limits.ts'
import { type PageHeader, readPageHeader } from './page-header.ts'
import type { SchemaNode } from './schema.ts'
import { Dictionary, uint32 } from './values.ts'

/** Decompressors by Parquet's names of codecs. `size`: bytes of the result; they throw rather than make more. */
export type Decompressors = Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>>

/** A column chunk's bytes, and what is needed to decode them. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly column: ColumnChunk
  readonly node: SchemaNode
  /** Of its row group. */
  readonly rows: number
  readonly decompressors: Decompressors
  readonly budget: Budget
}

/** By value; a single number where all are equal, as in most pages of a checkpoint. */
export type Levels = Uint8Array | number

/** A data page: its levels, and its values still encoded. */
export interface Page {
  /** Number of levels, which is the number of rows where the column is not nested. */
  readonly count: number
  /** How many of them have a value. */
  readonly present: number
  readonly definition: Levels
  readonly repetition: Levels
  readonly encoding: string
  readonly values: Uint8Array
}

/** The data pages of a chunk, each with the chunk's dictionary page, if there is one. */
export function* dataPages(chunk: Chunk): Generator<{ page: Page; dictionary: Dictionary | undefined }> {
  const { bytes, column } = chunk
  let dictionary: Dictionary | undefined
  let offset = 0
  for (let seen = 0; seen < column.values;) {
    const header = readPageHeader(bytes, offset)
    offset += header.length
    const body = bytes.subarray(offset, offset + header.compressed)
    offset += header.compressed
    if (header.kind === 'dictionary') dictionary = readDictionary(chunk, header, body)
    else if (header.kind !== undefined) {
      within(column.values - seen, header.values, 'values of a page')
      chunk.budget.decoded(header.values, chunk.node.repeated > 0)
      seen += header.values
      yield {
        page: header.kind === 'data' ? readPage(chunk, header, body) : readPageV2(chunk, header, body),
        dictionary,
      }
    }
  }
}

function readDictionary(chunk: Chunk, header: PageHeader, body: Uint8Array): Dictionary {
  const count = within(MOST_ROWS, header.values, 'entries of a dictionary')
  chunk.budget.decoded(count, false)
  return new Dictionary(inflate(chunk, body, header.uncompressed), count)
}

function readPage(chunk: Chunk, header: PageHeader, body: Uint8Array): Page {
  const { node } = chunk
  const bytes = inflate(chunk, body, header.uncompressed)
  const count = header.values
  let at = 0
  /** Before each kind of levels is their length, in 4 bytes. Arrow writes it for a page without values, too. */
  const levels = (max: number): Levels => {
    if (max === 0) return 0
    const size = within(bytes.length - at - 4, uint32(bytes, at), 'bytes of levels')
    at += 4 + size
    return readLevels(bytes.subarray(at - size, at), max, count)
  }
  const repetition = levels(node.repeated)
  const definition = levels(node.definition)
  const present = countPresent(node.definition, definition, count)
  return { count, repetition, definition, present, encoding: header.encoding, values: bytes.subarray(at) }
}

/** In version 2 the levels are never compressed, and their lengths are in the header. */
function readPageV2(chunk: Chunk, header: PageHeader, body: Uint8Array): Page {
  const { node } = chunk
  const count = header.values
  const start = header.repetition + header.definition
  within(Math.min(body.length, header.uncompressed), start, 'bytes of levels')
  const repetition = readLevels(body.subarray(0, header.repetition), node.repeated, count)
  const definition = readLevels(body.subarray(header.repetition, start), node.definition, count)
  const packed = body.subarray(start)
  const values = header.isCompressed ? inflate(chunk, packed, header.uncompressed - start) : packed
  const present = countPresent(node.definition, definition, count)
  return { count, repetition, definition, values, present, encoding: header.encoding }
}

function readLevels(bytes: Uint8Array, max: number, count: number): Levels {
  if (max === 0 || count === 0) return 0
  const same = sameLevel(bytes, count)
  if (same !== undefined) return same
  const levels = new Uint8Array(count)
  readHybrid(bytes, 32 - Math.clz32(max), levels)
  return levels
}

/** The level, if the first run covers all values: a varint of twice the run's length, then the level in one byte. */
function sameLevel(bytes: Uint8Array, count: number): number | undefined {
  let header = 0
  for (let at = 0; at < 4; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    header |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) return (header & 1) === 0 && header >>> 1 >= count ? bytes[at + 1] : undefined
  }
  return undefined
}

function countPresent(max: number, definition: Levels, count: number): number {
  if (typeof definition === 'number') {
    if (definition > max) throw new Error(`definition level ${definition} is above ${max}`)
    return definition === max ? count : 0
  }
  let present = 0
  for (let at = 0; at < count; at += 1) {
    const level = definition[at] as number
    if (level === max) present += 1
    else if (level > max) throw new Error(`definition level ${level} is above ${max}`)
  }
  return present
}

function inflate({ column, decompressors, budget }: Chunk, body: Uint8Array, size: number): Uint8Array {
  if (size === 0) return new Uint8Array(0)
  const { codec } = column
  if (codec === 'UNCOMPRESSED') return body
  const decompress = Object.hasOwn(decompressors, codec) ? decompressors[codec] : undefined
  if (decompress === undefined) throw new Error(`compression ${codec} is not supported`)
  budget.decompressed(size)
  const bytes = decompress(body, size)
  if (bytes.length !== size) throw new Error(`a page of ${size} bytes has ${bytes.length}`)
  return bytes
}
