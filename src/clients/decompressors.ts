import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { decompressLz4, decompressLz4Raw } from '../tables/parquet/lz4.ts'

/** Parquet's compressions: what Node undoes natively, and LZ4; snappy is hyparquet's. */
export const decompressors: Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>> = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
}
