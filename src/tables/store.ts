/**
 * What the readers of a table need of the place where its objects lie. The S3 and the folder adapter are in
 * `src/clients/`; the in-memory twin is in `test/twins/`. Keys are raw (never percent-decoded), relative to the table's
 * location, with `/` between parts: `_delta_log/00000000000000000000.json`.
 */
export interface TableStore {
  /** `s3://bucket/prefix` or an absolute folder: for messages, and to tell which absolute paths are this table's. */
  readonly location: string

  /**
   * How to undo the compressions that Parquet files may have and that the core cannot undo itself, by Parquet's names of
   * them: `GZIP`, `ZSTD`, `BROTLI`, … `size` is that of the answer, in bytes.
   */
  readonly decompressors?: Readonly<Record<string, (bytes: Uint8Array, size: number) => Uint8Array>>

  /** A whole object, or `undefined` where there is none. Every other failure throws. */
  get(key: string): Promise<StoredObject | undefined>

  /**
   * Random access to one object, for Parquet. `undefined` where there is none. `size` spares the call that would ask for
   * it, when a listing has said it already.
   */
  open(key: string, size?: number): Promise<RandomAccess | undefined>

  /** The objects whose key begins with `prefix`, in the byte order of their keys, from the first one after `after`. */
  list(prefix: string, after?: string): AsyncIterable<Listed>
}

export interface StoredObject {
  readonly bytes: Uint8Array
  /** When it was last written, in ms since the epoch. */
  readonly modified: number
}

export interface Listed {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** When it was last written, in ms since the epoch. */
  readonly modified: number
}

/** Has the shape that hyparquet calls an AsyncBuffer. */
export interface RandomAccess {
  /** Bytes. */
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
}
