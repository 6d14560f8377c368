/**
 * The values of a page, decoded into flat arrays. Byte strings stay in the page and are given by their bounds, so that a
 * million strings do not cost a million objects.
 */
import { joinStreams, readDeltas, readHybrid } from './encodings.ts'
import { LARGEST_PAGE, within } from './limits.ts'
import type { Page } from './pages.ts'
import type { SchemaNode } from './schema.ts'

/** Byte strings: the n-th one is `bytes[starts[n]..ends[n]]`. */
export interface Spans {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** A chunk's dictionary page: its values, back to back. They are decoded once, whatever the number of pages. */
export class Dictionary {
  readonly #bytes: Uint8Array
  readonly #count: number
  #spans: Spans | undefined
  #numbers: Float64Array | undefined

  constructor(bytes: Uint8Array, count: number) {
    this.#bytes = bytes
    this.#count = count
  }

  spans(): Spans {
    return (this.#spans ??= plainSpans(this.#bytes, this.#count))
  }

  numbers(width: 4 | 8): Float64Array {
    return (this.#numbers ??= plainNumbers(this.#bytes, this.#count, width))
  }

  /** The numbers of the page's present values in the dictionary. */
  indexes({ values, present }: Page): Uint32Array {
    const indexes = new Uint32Array(present)
    const width = values[0] ?? 0
    if (present > 0 && width > 0) readHybrid(values.subarray(1), width, indexes)
    for (const index of indexes) if (index >= this.#count) throw new Error(`dictionary has no entry ${index}`)
    return indexes
  }
}

/** The page's present values of a column of byte strings, in order. */
export function decodeBytes(page: Page, dictionary: Dictionary | undefined): Spans {
  const { encoding, present, values } = page
  if (encoding === 'PLAIN') return plainSpans(values, present)
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') return lookUp(page, needed(dictionary))
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') return deltaSpans(values, present)
  if (encoding === 'DELTA_BYTE_ARRAY') return prefixedSpans(values, present)
  throw new Error(`encoding ${encoding} is not supported for byte strings`)
}

function needed(dictionary: Dictionary | undefined): Dictionary {
  if (dictionary === undefined) throw new Error('dictionary page is missing')
  return dictionary
}

function lookUp(page: Page, dictionary: Dictionary): Spans {
  const entries = dictionary.spans()
  const indexes = dictionary.indexes(page)
  const starts = new Int32Array(indexes.length)
  const ends = new Int32Array(indexes.length)
  for (let at = 0; at < indexes.length; at += 1) {
    const index = indexes[at] as number
    starts[at] = entries.starts[index] as number
    ends[at] = entries.ends[index] as number
  }
  return { bytes: entries.bytes, starts, ends }
}

/** Each value takes 4 bytes or more, for its length. */
function plainSpans(bytes: Uint8Array, count: number): Spans {
  within(bytes.length / 4, count, 'byte strings of a page')
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  let offset = 0
  for (let at = 0; at < count; at += 1) {
    starts[at] = offset + 4
    offset += 4 + uint32(bytes, offset)
    ends[at] = offset
    if (offset > bytes.length) throw beyond()
  }
  return { bytes, starts, ends }
}

const beyond = (): Error => new Error('byte string runs beyond its page')

function deltaSpans(bytes: Uint8Array, count: number): Spans {
  const cursor = { bytes, at: 0 }
  const ends = new Int32Array(count)
  readDeltas(cursor, ends)
  const starts = new Int32Array(count)
  let offset = cursor.at
  for (let at = 0; at < count; at += 1) {
    offset += within(bytes.length - offset, ends[at], 'bytes of a byte string')
    starts[at] = offset - (ends[at] as number)
    ends[at] = offset
  }
  return { bytes, starts, ends }
}

/** Each value begins with a part of the one before it, so that few bytes may stand for many: their sum is limited, too. */
function prefixedSpans(values: Uint8Array, count: number): Spans {
  const cursor = { bytes: values, at: 0 }
  const prefixes = new Int32Array(count)
  readDeltas(cursor, prefixes)
  const suffixes = deltaSpans(values.subarray(cursor.at), count)
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  let size = 0
  for (let at = 0; at < count; at += 1) {
    const before = at === 0 ? 0 : (ends[at - 1] as number) - (starts[at - 1] as number)
    starts[at] = size
    size +=
      within(before, prefixes[at], 'bytes of a prefix') +
      (suffixes.ends[at] as number) -
      (suffixes.starts[at] as number)
    ends[at] = within(LARGEST_PAGE, size, 'bytes of the byte strings of a page')
  }
  const bytes = new Uint8Array(size)
  for (let at = 0; at < count; at += 1) {
    const to = starts[at] as number
    const prefix = prefixes[at] as number
    const before = starts[at - 1] ?? 0
    bytes.copyWithin(to, before, before + prefix)
    bytes.set(suffixes.bytes.subarray(suffixes.starts[at], suffixes.ends[at]), to + prefix)
  }
  return { bytes, starts, ends }
}

/** The page's present values of an integer column. Exact up to 2^53. */
export function decodeNumbers(page: Page, dictionary: Dictionary | undefined, node: SchemaNode): Float64Array {
  const { encoding, present, values } = page
  const width = node.type === 'INT64' ? 8 : 4
  if (node.type !== 'INT64' && node.type !== 'INT32')
    throw new Error(`column ${node.name}: expected INT32 or INT64, found ${node.type}`)
  if (encoding === 'PLAIN') return plainNumbers(values, present, width)
  if (encoding === 'BYTE_STREAM_SPLIT') return plainNumbers(joinStreams(values, present, width), present, width)
  if (encoding === 'DELTA_BINARY_PACKED') {
    const output = width === 4 ? new Int32Array(present) : new BigInt64Array(present)
    readDeltas({ bytes: values, at: 0 }, output)
    return Float64Array.from(output as ArrayLike<number | bigint>, Number)
  }
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY')
    throw new Error(`encoding ${encoding} is not supported for numbers`)
  const entries = needed(dictionary).numbers(width)
  return Float64Array.from(needed(dictionary).indexes(page), (index) => entries[index] as number)
}

function plainNumbers(values: Uint8Array, count: number, width: 4 | 8): Float64Array {
  within(values.length / width, count, 'numbers of a page')
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  const numbers = new Float64Array(count)
  for (let at = 0; at < count; at += 1)
    numbers[at] =
      width === 4
        ? view.getInt32(at * 4, true)
        : view.getInt32(at * 8 + 4, true) * 0x1_0000_0000 + view.getUint32(at * 8, true)
  return numbers
}

/** Bytes beyond the end count as 0, so that callers can compare the sum with the end. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}
