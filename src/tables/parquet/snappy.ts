/** Snappy's raw format (google/snappy, format_description.txt), which Node lacks. */
import { copyMatch, SHORT } from './copy-match.ts'

const damaged = (): Error => new Error('Snappy block is damaged')

/** Decompresses one block; throws unless it makes exactly `size` bytes. */
export function decompressSnappy(bytes: Uint8Array, size: number): Uint8Array {
  const [claimed, start] = preamble(bytes)
  if (claimed !== size) throw new Error(`Snappy block of ${claimed} bytes, expected ${size}`)
  const output = new Uint8Array(size)
  const end = decodeBlock(bytes, start, output)
  if (end !== size) throw new Error(`Snappy block of ${end} bytes, expected ${size}`)
  return output
}

/** The size of the content, as a varint, and where it ends. */
function preamble(bytes: Uint8Array): readonly [size: number, end: number] {
  let size = 0
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) throw damaged()
    size += (byte & 0x7f) * 0x80 ** at
    if (byte < 0x80) return [size, at + 1]
  }
  throw damaged()
}

/** Returns where the output ends. */
function decodeBlock(bytes: Uint8Array, start: number, output: Uint8Array): number {
  let [at, to] = [start, 0]
  while (at < bytes.length) {
    const tag = bytes[at++] as number
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const count = length - 60
        length = littleEndian(bytes, at, count) + 1
        at += count
      }
      if (length > bytes.length - at || length > output.length - to) throw damaged()
      if (length > SHORT) output.set(bytes.subarray(at, at + length), to)
      else for (let nth = 0; nth < length; nth += 1) output[to + nth] = bytes[at + nth] as number
      at += length
      to += length
      continue
    }
    let offset = bytes[at++] as number
    if (kind === 1) offset |= (tag >> 5) << 8
    else if (kind === 2) offset |= (bytes[at++] as number) << 8
    else {
      offset = littleEndian(bytes, at - 1, 4)
      at += 3
    }
    if (at > bytes.length) throw damaged()
    to = copyMatch(output, to, offset, kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1)
  }
  return to
}

/** Up to 32 bits. Bytes beyond the end count as 0. */
function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let nth = 0; nth < count; nth += 1) value |= (bytes[at + nth] as number) << (8 * nth)
  return value >>> 0
}
