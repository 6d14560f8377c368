import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { snappyUncompressor } from 'hysnappy'
import { decompressLz4, decompressLz4Raw } from '../tables/parquet/lz4.ts'

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
