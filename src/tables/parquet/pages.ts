/**
 * The pages of one Parquet column chunk, decoded into flat arrays. Byte strings stay in the page and are given by their
 * bounds, so that a million strings do not cost a million objects. The format's parts (footer, page headers, run lengths,
 * delta encodings) are decoded by hyparquet.
 */
import type { ColumnMetaData, Compressors, DecodedArray, PageHeader, SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js'
import { byteStreamSplit, readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'

/** A column chunk's bytes, and what is needed to decode them. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly meta: ColumnMetaData
  /** Of its row group. */
  readonly rows: number
  readonly schemaPath: SchemaTree[]
  readonly compressors: Compressors
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

/** Byte strings: the n-th one is `bytes[starts[n]..ends[n]]`. */
export interface Spans {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** The data pages of a chunk, each with the chunk's dictionary page, if there is one. */
export function* dataPages(chunk: Chunk): Generator<{ page: Page; dictionary: Dictionary | undefined }> {
  const { bytes, meta } = chunk
  const reader = { view: viewOf(bytes), offset: 0 }
  let dictionary: Dictionary | undefined
  for (let seen = 0; seen < Number(meta.num_values);) {
    const header = parquetHeader(reader)
    const body = bytes.subarray(reader.offset, reader.offset + header.compressed_page_size)
    if (body.length !== header.compressed_page_size)
      throw new Error(`page of ${header.compressed_page_size} bytes is cut off`)
    reader.offset += header.compressed_page_size
    if (header.type === 'DICTIONARY_PAGE') dictionary = readDictionary(chunk, header, body)
    else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const page = header.type === 'DATA_PAGE' ? readPage(chunk, header, body) : readPageV2(chunk, header, body)
      seen += page.count
      yield { page, dictionary }
    }
  }
}

/** A chunk's dictionary page: its values, back to back. */
export interface Dictionary {
  readonly bytes: Uint8Array
  readonly count: number
}

function readDictionary(chunk: Chunk, header: PageHeader, body: Uint8Array): Dictionary {
  const { dictionary_page_header: dictionary } = header
  if (dictionary === undefined) throw new Error('dictionary page without a header')
  return { bytes: inflate(chunk, body, header.uncompressed_page_size), count: dictionary.num_values }
}

function readPage(chunk: Chunk, header: PageHeader, body: Uint8Array): Page {
  const { data_page_header: data } = header
  if (data === undefined) throw new Error('data page without a header')
  const bytes = inflate(chunk, body, header.uncompressed_page_size)
  const reader = { view: viewOf(bytes), offset: 0 }
  const count = data.num_values
  const repetition = readLevels(reader, getMaxRepetitionLevel(chunk.schemaPath), count)
  const definition = readLevels(reader, getMaxDefinitionLevel(chunk.schemaPath), count)
  return {
    count,
    repetition,
    definition,
    present: countPresent(getMaxDefinitionLevel(chunk.schemaPath), definition, count),
    encoding: data.encoding,
    values: bytes.subarray(reader.offset),
  }
}

/** In version 2 the levels are never compressed, and their lengths are in the header. */
function readPageV2(chunk: Chunk, header: PageHeader, body: Uint8Array): Page {
  const { data_page_header_v2: data } = header
  if (data === undefined) throw new Error('data page without a header')
  const count = data.num_values
  const reader = { view: viewOf(body), offset: 0 }
  const repetition = readLevels(
    reader,
    getMaxRepetitionLevel(chunk.schemaPath),
    count,
    data.repetition_levels_byte_length,
  )
  reader.offset = data.repetition_levels_byte_length
  const definition = readLevels(
    reader,
    getMaxDefinitionLevel(chunk.schemaPath),
    count,
    data.definition_levels_byte_length,
  )
  const levels = data.repetition_levels_byte_length + data.definition_levels_byte_length
  const packed = body.subarray(levels)
  const values = data.is_compressed === false ? packed : inflate(chunk, packed, header.uncompressed_page_size - levels)
  return {
    count,
    repetition,
    definition,
    values,
    present: countPresent(getMaxDefinitionLevel(chunk.schemaPath), definition, count),
    encoding: data.encoding,
  }
}

function readLevels(reader: { view: DataView; offset: number }, max: number, count: number, length?: number): Levels {
  if (max === 0 || count === 0) return skipLevels(reader, max, length)
  const size = length ?? reader.view.getUint32(reader.offset, true)
  if (length === undefined) reader.offset += 4
  const end = reader.offset + size
  const same = sameLevel(reader.view, reader.offset, count)
  if (same !== undefined) {
    reader.offset = end
    return same
  }
  const levels = new Uint8Array(count)
  readRleBitPackedHybrid(reader, 32 - Math.clz32(max), levels, size)
  return levels
}

/** A page without values, which Arrow writes, may still have the length of its levels. */
function skipLevels(reader: { view: DataView; offset: number }, max: number, length?: number): number {
  if (max > 0) reader.offset += length ?? 4 + reader.view.getUint32(reader.offset, true)
  return 0
}

/** The level, if the first run covers all values: a varint of twice the run's length, then the level in one byte. */
function sameLevel(view: DataView, offset: number, count: number): number | undefined {
  let header = 0
  let at = offset
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = view.getUint8(at)
    at += 1
    header |= (byte & 0x7f) << shift
    if (byte < 0x80) return (header & 1) === 0 && header >>> 1 >= count ? view.getUint8(at) : undefined
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

function inflate(chunk: Chunk, body: Uint8Array, size: number): Uint8Array {
  if (size === 0) return new Uint8Array(0)
  return decompressPage(body, size, chunk.meta.codec, chunk.compressors)
}

/** A column of byte strings, page by page. */
export class ByteDecoder {
  #dictionary: Dictionary | undefined
  #entries: Spans | undefined

  /** The page's present values, in order. */
  decode(page: Page, dictionary: Dictionary | undefined): Spans {
    const { encoding, present, values } = page
    if (encoding === 'PLAIN') return plainSpans(values, present)
    if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') return this.#lookUp(page, dictionary)
    const found: Uint8Array[] = Array.from({ length: present })
    const reader = { view: viewOf(values), offset: 0 }
    if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') deltaLengthByteArray(reader, present, found)
    else if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, present, found)
    else throw new Error(`encoding ${encoding} is not supported for byte strings`)
    return joined(found)
  }

  #lookUp(page: Page, dictionary: Dictionary | undefined): Spans {
    if (dictionary === undefined) throw new Error('dictionary page is missing')
    if (this.#dictionary !== dictionary || this.#entries === undefined) {
      this.#dictionary = dictionary
      this.#entries = plainSpans(dictionary.bytes, dictionary.count)
    }
    const entries = this.#entries
    const indexes = dictionaryIndexes(page)
    const starts = new Int32Array(indexes.length)
    const ends = new Int32Array(indexes.length)
    for (let at = 0; at < indexes.length; at += 1) {
      const index = indexes[at] as number
      if (index >= dictionary.count) throw new Error(`dictionary has no entry ${index}`)
      starts[at] = entries.starts[index] as number
      ends[at] = entries.ends[index] as number
    }
    return { bytes: entries.bytes, starts, ends }
  }
}

function dictionaryIndexes({ values, present }: Page): Uint32Array {
  const indexes = new Uint32Array(present)
  const width = values[0] ?? 0
  if (present > 0 && width > 0)
    readRleBitPackedHybrid({ view: viewOf(values), offset: 1 }, width, indexes, values.length - 1)
  return indexes
}

function plainSpans(bytes: Uint8Array, count: number): Spans {
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  let offset = 0
  for (let at = 0; at < count; at += 1) {
    const length =
      ((bytes[offset] as number) |
        ((bytes[offset + 1] as number) << 8) |
        ((bytes[offset + 2] as number) << 16) |
        ((bytes[offset + 3] as number) << 24)) >>>
      0
    starts[at] = offset + 4
    offset += 4 + length
    ends[at] = offset
    if (offset > bytes.length) throw new Error('byte string runs beyond its page')
  }
  return { bytes, starts, ends }
}

function joined(found: readonly Uint8Array[]): Spans {
  const bytes = new Uint8Array(found.reduce((sum, one) => sum + one.length, 0))
  const starts = new Int32Array(found.length)
  const ends = new Int32Array(found.length)
  let offset = 0
  for (const [at, one] of found.entries()) {
    bytes.set(one, offset)
    starts[at] = offset
    offset += one.length
    ends[at] = offset
  }
  return { bytes, starts, ends }
}

/** The page's present values of an integer column. Exact up to 2^53. */
export function decodeNumbers(page: Page, dictionary: Dictionary | undefined, chunk: Chunk): ArrayLike<number> {
  const { encoding, present, values } = page
  const { type } = chunk.meta
  const reader = { view: viewOf(values), offset: 0 }
  if (encoding === 'PLAIN') return plainNumbers(values, present, chunk)
  if (encoding === 'DELTA_BINARY_PACKED') {
    const output = type === 'INT32' ? new Int32Array(present) : new BigInt64Array(present)
    deltaBinaryUnpack(reader, present, output)
    return toNumbers(output)
  }
  if (encoding === 'BYTE_STREAM_SPLIT') return toNumbers(byteStreamSplit(reader, present, type, undefined))
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY')
    throw new Error(`encoding ${encoding} is not supported for numbers`)
  if (dictionary === undefined) throw new Error('dictionary page is missing')
  const entries = plainNumbers(dictionary.bytes, dictionary.count, chunk)
  return Float64Array.from(dictionaryIndexes(page), (index) => {
    const value = entries[index]
    if (value === undefined) throw new Error(`dictionary has no entry ${index}`)
    return value
  })
}

function plainNumbers(values: Uint8Array, count: number, chunk: Chunk): ArrayLike<number> {
  const view = viewOf(values)
  if (chunk.meta.type !== 'INT64') return toNumbers(readPlain({ view, offset: 0 }, chunk.meta.type, count, undefined))
  const numbers = new Float64Array(count)
  for (let at = 0; at < count; at += 1)
    numbers[at] = view.getInt32(at * 8 + 4, true) * 0x1_0000_0000 + view.getUint32(at * 8, true)
  return numbers
}

function toNumbers(found: DecodedArray): ArrayLike<number> {
  return Float64Array.from(found as ArrayLike<unknown>, (value) => Number(value))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
