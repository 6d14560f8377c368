/**
 * How far each reaction has come on each subject. Every conditional write of the project goes through this port; the
 * DynamoDB adapter is in `src/aws/ledger.ts`, the in-memory twin in `test/twins/`, and one suite runs on both.
 */

/** Why a reaction does not go on, for an operator. */
export interface Refusal {
  readonly code: string
  readonly reason: string
  readonly advice?: string
  /** The version that an event had named, or else the cursor's, when it was refused. */
  readonly version: number
  /** ms since the epoch. */
  readonly since: number
}

/** One attempt at one step of a long action: recorded before anything is started, so that it is started once. */
export interface Run {
  /** What makes a second start harmless: whoever takes the run over sends the same token. At most 64 characters. */
  readonly token: string
  /** The versions that it takes: those after the cursor's, up to and with this one. */
  readonly version: number
  /** When that version was committed at its source, in ms since the epoch. */
  readonly committed: number
  /** Which of its steps this is, from 0. Absent: 0. */
  readonly step?: number
  /** How many steps the run takes, one after the other. Absent: 1. */
  readonly steps?: number
  /** Of this step: 1 for the first; those that failed are counted. */
  readonly attempt: number
  /** The outside system's id of this step; absent while it is only claimed. */
  readonly externalId?: string
  /** While it is only claimed: until when nobody else may start it, in ms since the epoch. */
  readonly until: number
}

export interface CursorKey {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** `catalog`, `job`, … */
  readonly reaction: string
}

export interface Cursor extends CursorKey {
  /** The last version done; -1 before the first. */
  readonly version: number
  /** When that version was committed at its source, in ms since the epoch; 0 before the first. */
  readonly committed: number
  /** When the reaction was done with it, in ms since the epoch; 0 before the first. */
  readonly done: number
  /** What the reaction asked to remember about what it did, so that it need not look again. */
  readonly state?: string
  /** The long action that is under way. */
  readonly run?: Run
  /** For when a wake-up is on its way, in ms since the epoch, so that not every event sends another. */
  readonly wakeAt?: number
  readonly refusal?: Refusal
  /** Counts the writes of this cursor; each write names the one it saw. 0: never written. */
  readonly revision: number
}

/** Something that came in and is no subject's: kept so that `landfall status` can show it. Equal ones are counted. */
export interface Rejection {
  /** The function that turned it away. */
  readonly source: string
  readonly code: string
  readonly reason: string
  /** What tells equal ones from others: a bucket, a table's prefix. */
  readonly about: string
  /** One of them, shortened. */
  readonly sample?: string
}

export interface CountedRejection extends Rejection {
  readonly count: number
  /** ms since the epoch. */
  readonly first: number
  readonly last: number
}

/** A lost race is a value: somebody else wrote since `revision` was read. */
export type Saved = 'saved' | 'conflict'

export interface Ledger {
  /** Strongly consistent; a cursor with revision 0 where none was written. One read. */
  cursor(key: CursorKey): Promise<Cursor>
  /** Writes `next` if the stored revision still is `next.revision`; what is stored then has the one after it. One write. */
  save(next: Cursor): Promise<Saved>
  /** Adds one to the count of equal rejections, or begins it. `at` in ms since the epoch. One write. */
  reject(rejection: Rejection, at: number): Promise<void>
  /** The cursors of these keys, in their order; revision 0 where none was written. For status. */
  cursors(keys: readonly CursorKey[]): Promise<Cursor[]>
  /** Newest first. For status. */
  rejections(): Promise<CountedRejection[]>
}

/** The cursor of a subject that no reaction has touched. */
export function newCursor({ subject, reaction }: CursorKey): Cursor {
  return { subject, reaction, version: -1, committed: 0, done: 0, revision: 0 }
}
