import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'

/** What Node undoes natively of Parquet's compressions; snappy is hyparquet's. */
export const decompressors: Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>> = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
}
