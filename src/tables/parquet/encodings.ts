/** Parquet's encodings of whole numbers (parquet-format, "Encodings"). Each result has the length that its caller gives. */

/** Bits of a dictionary's index or of a level: enough for {@link LARGEST_PAGE}'s entries. */
const WIDEST = 24
/** Values of a block of deltas. Writers use 128; the format asks for a multiple of it. */
const LARGEST_BLOCK = 1 << 16

const early = (): Error => new Error('encoded values end early')

/** Where values are read. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

function byte(cursor: Cursor): number {
  const value = cursor.bytes[cursor.at]
  if (value === undefined) throw early()
  cursor.at += 1
  return value
}

/** An unsigned number of up to 32 bits. */
function varint(cursor: Cursor): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 28; scale *= 0x80) {
    const next = byte(cursor)
    value += (next & 0x7f) * scale
    if (next < 0x80) return value
  }
  throw new Error('a number has more than 32 bits')
}

/** A number of up to 64 bits in zigzag encoding. */
function zigzag(cursor: Cursor): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const next = byte(cursor)
    value |= BigInt(next & 0x7f) << shift
    if (next < 0x80) return (value >> 1n) ^ -(value & 1n)
  }
  throw new Error('a number has more than 64 bits')
}

/** Fills `output` from runs of equal values and runs of `width` bits each ("RLE/Bit-Packing Hybrid"). */
export function readHybrid(bytes: Uint8Array, width: number, output: Uint8Array | Uint32Array): void {
  if (width > WIDEST) throw new Error(`values of ${width} bits are not supported`)
  const cursor = { bytes, at: 0 }
  for (let filled = 0; filled < output.length;) {
    const header = varint(cursor)
    const isPacked = header % 2 === 1
    const run = Math.min(isPacked ? (header - 1) * 4 : header / 2, output.length - filled)
    if (isPacked) {
      unpack(cursor, width, output, filled, run)
      cursor.at += Math.ceil(((header - 1) * 4 * width) / 8)
    } else {
      let value = 0
      for (let read = 0; read < width; read += 8) value |= byte(cursor) << read
      output.fill(value, filled, filled + run)
    }
    filled += run
  }
}

function unpack(
  { bytes, at }: Cursor,
  width: number,
  output: Uint8Array | Uint32Array,
  from: number,
  count: number,
): void {
  if (at + Math.ceil((count * width) / 8) > bytes.length) throw early()
  const mask = 2 ** width - 1
  let [buffer, bits, next] = [0, 0, at]
  for (let to = from; to < from + count; to += 1) {
    for (; bits < width; bits += 8) buffer |= (bytes[next++] as number) << bits
    output[to] = buffer & mask
    buffer >>>= width
    bits -= width
  }
}

/** Fills `output` from deltas, and moves the cursor behind them ("Delta Encoding", DELTA_BINARY_PACKED). */
export function readDeltas(cursor: Cursor, output: Int32Array | BigInt64Array): void {
  const block = varint(cursor)
  const perBlock = varint(cursor)
  varint(cursor)
  const perMini = block / perBlock
  if (block > LARGEST_BLOCK || !Number.isInteger(perMini) || perMini === 0 || perMini % 8 !== 0)
    throw new Error(`a block of ${block} deltas in ${perBlock} parts is not in the format`)
  let value = zigzag(cursor)
  let filled = 0
  const put = (): void => {
    // Sums wrap in two's complement.
    if (output instanceof Int32Array) output[filled] = Number(BigInt.asIntN(32, value))
    else output[filled] = value
    filled += 1
  }
  if (output.length > 0) put()
  while (filled < output.length) {
    const least = zigzag(cursor)
    const widths = Array.from({ length: perBlock }, () => byte(cursor))
    for (const width of widths) {
      if (filled >= output.length) break
      if (width > 64) throw new Error(`deltas of ${width} bits are not in the format`)
      const body = (perMini * width) / 8
      if (cursor.at + body > cursor.bytes.length) throw early()
      for (let nth = 0; nth < perMini && filled < output.length; nth += 1) {
        value = BigInt.asIntN(64, value + least + bitsAt(cursor.bytes, cursor.at, nth * width, width))
        put()
      }
      cursor.at += body
    }
  }
}

function bitsAt(bytes: Uint8Array, from: number, bit: number, width: number): bigint {
  let value = 0n
  const last = bit + width
  for (let at = bit & ~7; at < last; at += 8)
    value |= BigInt(bytes[from + (at >> 3)] as number) << BigInt(at - (bit & ~7))
  return BigInt.asUintN(width, value >> BigInt(bit & 7))
}

/** Puts together numbers whose first bytes come first, then the second ones (BYTE_STREAM_SPLIT). */
export function joinStreams(bytes: Uint8Array, count: number, width: number): Uint8Array {
  if (count * width > bytes.length) throw early()
  const joined = new Uint8Array(count * width)
  for (let at = 0; at < count; at += 1)
    for (let part = 0; part < width; part += 1) joined[at * width + part] = bytes[part * count + at] as number
  return joined
}
