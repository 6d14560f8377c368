import { Refused } from '../core/refused.ts'
import type { EpochMs } from '../core/time.ts'
import type { Decompressors } from './parquet/pages.ts'

/**
 * The storage of one table, for its readers. Keys are raw (never percent-decoded) and relative to the table's location:
 * `_delta_log/00000000000000000000.json`. The adapters are `src/tables/aws/s3-store.ts` and `src/tables/node/folder.ts`, the
 * in-memory twin `test/tables/table-store.twin.ts`.
 */
export interface TableStore {
  /** `s3://bucket/prefix` or an absolute folder: for messages, and to recognise absolute paths of this table. */
  readonly location: string

  /** Decompressors for Parquet pages. */
  readonly decompressors?: Decompressors

  /**
   * A whole object; `undefined` where there is none. Every other failure throws.
   *
   * @param most bytes; 256 MiB where it is not given
   * @throws {ObjectTooLarge} before the object is read
   */
  get(key: string, most?: number): Promise<StoredObject | undefined>

  /**
   * Random access to one object, for Parquet; `undefined` where there is none. Passing a known `size` saves a call.
   */
  open(key: string, size?: number): Promise<RandomAccess | undefined>

  /** The objects whose key begins with `prefix`, in the byte order of their keys, from the first one after `after`. */
  list(prefix: string, after?: string): AsyncIterable<Listed>
}

/** Bytes. A commit that adds a million files has some hundred million, and the function's memory has to hold it. */
const LARGEST_OBJECT = 256 * 1024 * 1024

/** An object that does not fit into memory, or not into what is sensible for its kind. */
export class ObjectTooLarge extends Refused {
  constructor(key: string, size: number, most: number) {
    super('object-too-large', `${key} has ${size} bytes, and is read up to ${most}`, {
      subject: key,
      expected: `at most ${most} bytes`,
      found: `${size} bytes`,
      advice: 'Write smaller commits; the table can be read again when a checkpoint covers this one.',
    })
  }
}

/** @throws {ObjectTooLarge} */
export function requireSize(key: string, size: number, most = LARGEST_OBJECT): void {
  if (size > most) throw new ObjectTooLarge(key, size, most)
}

export interface StoredObject {
  readonly bytes: Uint8Array
  /** When it was last written. */
  readonly modified: EpochMs
}

export interface Listed {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** When it was last written. */
  readonly modified: EpochMs
}

/** The bytes of one object. */
export interface RandomAccess {
  /** Bytes. */
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
}
