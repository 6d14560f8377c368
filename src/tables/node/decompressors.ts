import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { snappyUncompressor } from 'hysnappy'
import { decompressLz4, decompressLz4Raw } from '../parquet/lz4.ts'

let snappy: ReturnType<typeof snappyUncompressor> | undefined

/** Parquet's compressions: what Node undoes natively, snappy (three times as fast as hyparquet's own), and LZ4. */
export const decompressors: Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>> = {
  SNAPPY: (bytes, size) => (snappy ??= snappyUncompressor())(bytes, size),
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
}

/** Bytes. A beginning of some hundred kB that stands for more than this is a bomb, or says nothing new. */
const LARGEST_HEAD = 64 * 1024 * 1024

/** What comes out of a compressed file or, where that is not the `whole` of it, of its beginning; by the ending of its name. */
export const inflate: Readonly<Record<string, (head: Uint8Array, whole: boolean) => Uint8Array>> = {
  gz: (head, whole) =>
    gunzipSync(head, { ...(whole ? {} : { finishFlush: constants.Z_SYNC_FLUSH }), maxOutputLength: LARGEST_HEAD }),
  zst: (head, whole) =>
    zstdDecompressSync(head, {
      ...(whole ? {} : { finishFlush: constants.ZSTD_e_flush }),
      maxOutputLength: LARGEST_HEAD,
    }),
}
