import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { snappyUncompressor } from 'hysnappy'
import { decompressLz4, decompressLz4Raw } from '../parquet/lz4.ts'

let snappy: ReturnType<typeof snappyUncompressor> | undefined

/** Parquet's compressions: Node's own, snappy (three times as fast as hyparquet's) and LZ4. */
export const decompressors: Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>> = {
  SNAPPY: (bytes, size) => (snappy ??= snappyUncompressor())(bytes, size),
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
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
