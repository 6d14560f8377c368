/** Snappy's raw format (google/snappy, format_description.txt), which Node lacks. */
import { copyMatch } from './lz4.ts'

/** Decompresses one block; throws unless it makes exactly `size` bytes. */
export function decompressSnappy(bytes: Uint8Array, size: number): Uint8Array {
  const reader = { bytes, at: 0 }
  const claimed = preamble(reader)
  if (claimed !== size) throw new Error(`Snappy block of ${claimed} bytes, expected ${size}`)
  const output = new Uint8Array(size)
  let to = 0
  while (reader.at < bytes.length) {
    const tag = bytes[reader.at++] as number
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const length = (short < 60 ? short : littleEndian(reader, short - 59)) + 1
      if (length > bytes.length - reader.at || length > size - to) throw new Error('Snappy block is damaged')
      output.set(bytes.subarray(reader.at, reader.at + length), to)
      reader.at += length
      to += length
    } else {
      const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
      const high = kind === 1 ? (tag >> 5) << 8 : 0
      const offset = high + littleEndian(reader, kind === 3 ? 4 : kind)
      to = copyMatch(output, to, offset, length)
    }
  }
  if (to !== size) throw new Error(`Snappy block of ${to} bytes, expected ${size}`)
  return output
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

/** The size of the content, as a varint. */
function preamble(reader: Reader): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 28; scale *= 0x80) {
    const byte = littleEndian(reader, 1)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  throw new Error('Snappy block is damaged')
}

function littleEndian(reader: Reader, count: number): number {
  if (reader.at + count > reader.bytes.length) throw new Error('Snappy block ends early')
  let value = 0
  for (let at = 0; at < count; at += 1) value += (reader.bytes[reader.at++] as number) * 2 ** (8 * at)
  return value
}
