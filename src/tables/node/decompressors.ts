import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
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

/** Bytes. If some hundred kB decompress to more than this, the file is a decompression bomb or repeats itself. */
const LARGEST_HEAD = 64 * 1024 * 1024

/** Decompresses a file, or the beginning of one where `whole` is false; by the ending of the file's name. */
export const inflate: Readonly<Record<string, (head: Uint8Array, whole: boolean) => Uint8Array>> = {
  gz: (head, whole) =>
    gunzipSync(head, {
      finishFlush: whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      maxOutputLength: LARGEST_HEAD,
    }),
  zst: (head, whole) =>
    zstdDecompressSync(head, {
      finishFlush: whole ? constants.ZSTD_e_end : constants.ZSTD_e_flush,
      maxOutputLength: LARGEST_HEAD,
    }),
}
