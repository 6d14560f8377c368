import type { Duplex } from 'node:stream'
import {
  brotliDecompressSync,
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib'
import { decompressLz4, decompressLz4Raw } from '../parquet/lz4.ts'
import type { Decompressors } from '../parquet/pages.ts'
import { decompressSnappy } from '../parquet/snappy.ts'

/** zlib's options for a result of `size` bytes: one buffer, and an error at the first byte too many. */
const exactly = (size: number) => ({ maxOutputLength: size, chunkSize: Math.max(64, size) })

/** Parquet's compressions: Node's own, Snappy and LZ4. */
export const decompressors: Decompressors = {
  SNAPPY: decompressSnappy,
  GZIP: (bytes, size) => gunzipSync(bytes, exactly(size)),
  BROTLI: (bytes, size) => brotliDecompressSync(bytes, exactly(size)),
  ZSTD: (bytes, size) => zstdDecompressSync(bytes, exactly(size)),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
}

/** Bytes of the beginning of a file, decompressed: as many as are read of one that is not compressed. */
const LARGEST_HEAD = 4 * 1024 * 1024
const CHUNK = 64 * 1024

/** The beginning of what a file decompresses to. */
export interface Inflated {
  readonly bytes: Uint8Array
  /** False where there is more. */
  readonly whole: boolean
}

/** Decompresses a file, or the beginning of one where `whole` is false; by the ending of the file's name. */
export const inflate: Readonly<Record<string, (head: Uint8Array, whole: boolean) => Promise<Inflated>>> = {
  gz: (head, whole) => {
    const finishFlush = whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
    return beginning(createGunzip({ finishFlush, chunkSize: CHUNK }), head, whole)
  },
  zst: (head, whole) => {
    const finishFlush = whole ? constants.ZSTD_e_end : constants.ZSTD_e_flush
    return beginning(createZstdDecompress({ finishFlush, chunkSize: CHUNK }), head, whole)
  },
}

/** Stops when there is enough: a hundred kB may decompress to gigabytes. */
async function beginning(stream: Duplex, head: Uint8Array, whole: boolean): Promise<Inflated> {
  const parts: Uint8Array[] = []
  let size = 0
  stream.end(head)
  for await (const part of stream as AsyncIterable<Uint8Array>) {
    parts.push(part)
    size += part.length
    // Leaving the loop ends the stream.
    if (size > LARGEST_HEAD) break
  }
  const bytes = Buffer.concat(parts)
  return { bytes: bytes.subarray(0, LARGEST_HEAD), whole: whole && bytes.length <= LARGEST_HEAD }
}
