/** The content of an object. */
export interface Content {
  /** Without quotes. It changes only with the content (Amazon S3 API reference, "Object"). */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

export interface ListedObject extends Content {
  /** Raw, relative to the table's location. */
  readonly key: string
}

/**
 * The objects of one table as they are now. Strongly consistent, as S3 is. The S3 adapter is in
 * `src/tables/aws/table-objects.ts`, the in-memory twin in `test/tables/landing/table-objects.twin.ts`.
 */
export interface TableObjects {
  /** The object at `key`; `undefined` where there is none. */
  find(key: string): Promise<Content | undefined>
  /** In the byte order of their keys, from the first one after `after`. */
  list(after?: string): AsyncIterable<ListedObject>
}
