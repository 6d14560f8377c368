/**
 * The landing log: the history of a table of files, kept in the ledger with the shape of a Delta log. Versions are
 * contiguous from 0, each adds and removes files, and none is ever changed. Beside it stands one item for each object,
 * which says what the log holds of it, so that a repeated, late or reordered event of the object finds out that it is.
 *
 * The DynamoDB adapter is in `src/tables/aws/landing-log.ts`, the in-memory twin in `test/tables/landing/landing-log.twin.ts`, and one
 * suite runs on both.
 */
export interface LandingStore {
  /** The newest version; -1 before the first. Strongly consistent. */
  newest(table: string): Promise<number>
  /**
   * What the log holds of these objects, by key; an object that it never held is not in the answer. Strongly consistent.
   * At most {@link APPEND_LIMIT} keys.
   */
  objects(table: string, keys: readonly string[]): Promise<ReadonlyMap<string, LandedObject>>
  /**
   * In one transaction: the version, if none has its number yet, and each object's state, if the stored one still has the
   * revision that was read. A lost race is a value, and nothing was written. Without a version only the states move: what
   * is live stays as it is.
   */
  append(
    table: string,
    version: LandingVersion | undefined,
    objects: readonly LandedObject[],
  ): Promise<'appended' | 'conflict'>
  /** The versions (after, version], in order; those that have expired are missing. Strongly consistent. */
  read(table: string, after: number, version: number): AsyncIterable<LandingVersion>
  /**
   * Objects in the byte order of their keys, from the first one after `after`; those that are gone too, until they are
   * forgotten. Strongly consistent, each by itself.
   */
  walk(table: string, after?: string): AsyncIterable<LandedObject>
  /** Removes versions up to and with `upTo`, oldest first, but never the newest; at most `limit` of them. Answers how many. */
  expire(table: string, upTo: number, limit: number): Promise<number>
  /** The last key up to which the log was compared with a listing; `undefined` when a comparison begins anew. */
  mark(table: string): Promise<string | undefined>
  /** Remembers how far a comparison has come; `undefined`: to the end. */
  saveMark(table: string, after: string | undefined): Promise<void>
}

/** How many objects one append takes: DynamoDB's transactions hold 100 items, one of which is the version. */
export const APPEND_LIMIT = 99

/** One version of a landing log. */
export interface LandingVersion {
  readonly version: number
  /** When it was recorded, in ms since the epoch. */
  readonly timestamp: number
  readonly added: readonly LandedFile[]
  /** Paths, relative to the table's location. A path that is also in `added` was overwritten. */
  readonly removed: readonly string[]
}

export interface LandedFile {
  /** Raw, relative to the table's location. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** What the log holds of one object. */
export interface LandedObject {
  /** Raw, relative to the table's location: the path of its file. */
  readonly key: string
  /** The content that is live, by its ETag. `undefined`: it is gone. */
  readonly content?: string
  /** Bytes; 0 when it is gone. */
  readonly size: number
  /**
   * The sequencer of the newest event that was seen of this key. '' when a look at the bucket said what is live, which
   * has no place in the order of events: only another look can tell what a different event means.
   */
  readonly sequencer: string
  /** The version of the log that says so; -1 when none does, since the log never held it. */
  readonly version: number
  /** Counts the writes of this item; a write names the one it saw. 0: never written. */
  readonly revision: number
  /** When it was recorded, in ms since the epoch; what is gone is forgotten some days after. */
  readonly at: number
}
