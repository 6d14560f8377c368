/**
 * Parquet's LZ4, which Node lacks. `LZ4_RAW` is one block. The deprecated `LZ4` is Hadoop's frames of blocks, but some writers
 * put a bare block there too (Parquet format, "Compression", "LZ4"; LZ4 block format, lz4.org).
 */

import { copyMatch } from './copy-match.ts'

/** The shortest match of the format. */
const MIN_MATCH = 4

/** Decompresses one block; throws unless it makes exactly `size` bytes. */
export function decompressLz4Raw(bytes: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size)
  const end = decodeBlock(bytes, output, 0)
  if (end !== size) throw new Error(`LZ4 block of ${end} bytes, expected ${size}`)
  return output
}

export function decompressLz4(bytes: Uint8Array, size: number): Uint8Array {
  return decompressFrames(bytes, size) ?? decompressLz4Raw(bytes, size)
}

/** A frame is the sizes of its content and of its block, big-endian, and the block. `undefined`: these are not frames. */
function decompressFrames(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const output = new Uint8Array(size)
  let to = 0
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length) return undefined
    const [content, packed] = [view.getUint32(at), view.getUint32(at + 4)]
    at += 8
    if (to + content > size || at + packed > bytes.length) return undefined
    if (decodeBlock(bytes.subarray(at, at + packed), output, to) !== to + content) return undefined
    at += packed
    to += content
  }
  return to === size ? output : undefined
}

/** Decodes a block into `output` from `to` on; returns where it ends. */
function decodeBlock(bytes: Uint8Array, output: Uint8Array, to: number): number {
  let at = 0
  const length = (nibble: number) => {
    let total = nibble
    for (let more = nibble === 15 ? 255 : 0; more === 255; total += more) more = bytes[at++] ?? 0
    return total
  }
  while (at < bytes.length) {
    const token = bytes[at++] as number
    const literals = length(token >> 4)
    if (literals > bytes.length - at || literals > output.length - to) throw new Error('a compressed block is damaged')
    output.set(bytes.subarray(at, at + literals), to)
    at += literals
    to += literals
    if (at >= bytes.length) break
    const offset = (bytes[at++] as number) | ((bytes[at++] ?? 0) << 8)
    to = copyMatch(output, to, offset, length(token & 15) + MIN_MATCH)
  }
  return to
}
