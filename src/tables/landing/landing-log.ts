import type { EpochMs } from '../../core/time.ts'

/**
 * The landing log: the history of a table of files, kept in the ledger in the shape of a Delta log. Versions are contiguous
 * from 0; each adds and removes files, and none is ever changed. Beside the versions there is one item for each object, with
 * its state in the log: with it a repeated, late or reordered event is recognised as such.
 *
 * The DynamoDB adapter is in `src/tables/aws/landing-log.ts`, the in-memory twin in
 * `test/tables/landing/landing-log.twin.ts`; one suite runs on both.
 */
export interface LandingStore {
  /** The newest version; -1 before the first. Strongly consistent. */
  newest(table: string): Promise<number>
  /**
   * The states of these objects, by key; an object that the log never held is missing. Strongly consistent.
   * At most {@link APPEND_LIMIT} keys.
   */
  objects(table: string, keys: readonly string[]): Promise<ReadonlyMap<string, LandedObject>>
  /**
   * Writes in one transaction the version, if its number is free, and each object's state, if the stored one still has the
   * revision that was read. `conflict`: nothing was written. Without a version only the states are written, and what is
   * live stays as it is.
   */
  append(
    table: string,
    version: LandingVersion | undefined,
    objects: readonly LandedObject[],
  ): Promise<'appended' | 'conflict'>
  /** The versions (after, version], in order; those that have expired are missing. Strongly consistent. */
  read(table: string, after: number, version: number): AsyncIterable<LandingVersion>
  /**
   * Objects in the byte order of their keys, from the first one after `after`. Includes deleted ones until their state
   * expires. Each is strongly consistent by itself.
   */
  walk(table: string, after?: string): AsyncIterable<LandedObject>
  /** Removes at most `limit` versions up to `upTo`, oldest first, but never the newest one. Returns how many. */
  expire(table: string, upTo: number, limit: number): Promise<number>
  /** The last key that was compared with a listing; `undefined`: the next comparison starts from the beginning. */
  mark(table: string): Promise<string | undefined>
  /** Records the progress of a comparison; `undefined`: it reached the end. */
  saveMark(table: string, after: string | undefined): Promise<void>
}

/** Objects in one append: a DynamoDB transaction has at most 100 items, and one of them is the version. */
export const APPEND_LIMIT = 99

export interface LandingVersion {
  readonly version: number
  /** When it was recorded. */
  readonly timestamp: EpochMs
  readonly added: readonly LandedFile[]
  /** Paths, relative to the table's location. A path that is also in `added` was overwritten. */
  readonly removed: readonly string[]
  /** Of the removed files together; `undefined` when there are none, and in versions that were written before it was kept. */
  readonly removedBytes?: number
}

export interface LandedFile {
  /** Raw, relative to the table's location. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** The state of one object in the log. */
export interface LandedObject {
  /** Raw, relative to the table's location: the path of its file. */
  readonly key: string
  /** The ETag of the live content; absent when the object is gone. */
  readonly content?: string
  /** Bytes; 0 when it is gone. */
  readonly size: number
  /**
   * The sequencer of the newest event of this key. '' after the state was read from the bucket, which has no place in the
   * order of events: what a different event means must then be read from the bucket again.
   */
  readonly sequencer: string
  /** The version of the log that set this state; -1 when the log never held the object. */
  readonly version: number
  /** Counts the writes of this item; a write names the revision it read. 0: never written. */
  readonly revision: number
  /** When it was recorded. The state of a deleted object expires some days later. */
  readonly at: EpochMs
}
