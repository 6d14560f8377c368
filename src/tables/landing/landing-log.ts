import type { FileEntry } from '../change.ts'

/**
 * The landing log: the history of a table of files, kept in the ledger with the shape of a Delta log. Versions are
 * contiguous from 0, each adds and removes files, and none is ever changed. Beside it stands one item for each object,
 * which says what the log holds of it, so that a repeated, late or reordered event of the object finds out that it is.
 *
 * The DynamoDB adapter is in `src/clients/landing-log.ts`, the in-memory twin in `test/twins/landing-log.ts`, and one
 * suite runs on both.
 */
export interface LandingStore {
  /** The newest version; -1 before the first. Strongly consistent. */
  newest(table: string): Promise<number>
  /** What the log holds of these objects, by key; an object that it never held is not in the answer. Strongly consistent. */
  objects(table: string, keys: readonly string[]): Promise<ReadonlyMap<string, LandedObject>>
  /**
   * In one transaction: the version, if none has its number yet, and each object's state, if the stored one still has the
   * revision that was read. A lost race is a value, and nothing was written.
   */
  append(table: string, version: LandingVersion, objects: readonly LandedObject[]): Promise<'appended' | 'conflict'>
  /** The versions (after, version], in order; those that have expired are missing. */
  read(table: string, after: number, version: number): AsyncIterable<LandingVersion>
  /** Objects in the byte order of their keys, from the first one after `after`; those that are gone too. */
  walk(table: string, after?: string): AsyncIterable<LandedObject>
  /** Removes versions up to and with `upTo`, but never the newest; at most `limit` of them. Answers how many. */
  expire(table: string, upTo: number, limit: number): Promise<number>
}

/** How many objects one append takes: DynamoDB's transactions hold 100 items, one of which is the version. */
export const APPEND_LIMIT = 99

/** One version of a landing log. */
export interface LandingVersion {
  readonly version: number
  /** When it was recorded, in ms since the epoch. */
  readonly timestamp: number
  readonly added: readonly FileEntry[]
  /** Paths, relative to the table's location. */
  readonly removed: readonly string[]
}

/** What the log holds of one object. */
export interface LandedObject {
  /** Raw, relative to the table's location: the path of its `FileEntry`. */
  readonly key: string
  /** The content that is live: the S3 version id or, in a bucket without versions, the ETag. `undefined`: it is gone. */
  readonly content?: string
  /** Bytes; 0 when it is gone. */
  readonly size: number
  /** The newest sequencer that was seen of this key; '' when it was found by a listing. */
  readonly sequencer: string
  /** The version of the log that says so. */
  readonly version: number
  /** Counts the writes of this item; 0: never written. */
  readonly revision: number
  /** ms since the epoch; what is gone is forgotten some days after. */
  readonly at: number
}
