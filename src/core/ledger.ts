import type { EpochMs } from './time.ts'

/** Why a reaction does not go on, for an operator. */
export interface Refusal {
  readonly code: string
  readonly reason: string
  readonly advice?: string
  /** The version that an event had named when it was refused, or else the cursor's. */
  readonly version: number
  readonly since: EpochMs
}

/** One attempt at one step of a long action. It is recorded before anything is started, so that it is started once. */
export interface Run {
  /** Makes a second start harmless: a worker that takes the run over sends the same one. At most 64 characters. */
  readonly token: string
  /** The run takes the versions after the cursor's, up to and including this one. */
  readonly version: number
  /** When that version was committed at its source. */
  readonly committed: EpochMs
  /** Which step this is, from 0. Absent: 0. */
  readonly step?: number
  /** How many steps the run has. Absent: 1. */
  readonly steps?: number
  /** The attempt at this step: 1, and one more after each failure. */
  readonly attempt: number
  /** The outside system's id of this step. Absent while it is only claimed. */
  readonly externalId?: string
  /** While it is only claimed: until when no other worker may start it. */
  readonly until: EpochMs
}

export interface CursorKey {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** `catalog`, `job`, … */
  readonly reaction: string
}

/** How far one reaction has come on one subject. */
export interface Cursor extends CursorKey {
  /** The last version done; -1 before the first. */
  readonly version: number
  /** When that version was committed at its source; 0 before the first. */
  readonly committed: EpochMs
  /** When the reaction was done with it; 0 before the first. */
  readonly done: EpochMs
  /** The reaction's own notes on what it did, so that it need not read it from the outside. */
  readonly state?: string
  /** The long action in progress. */
  readonly run?: Run
  /** When the next scheduled wake-up arrives, so that not every event schedules another. */
  readonly wakeAt?: EpochMs
  readonly refusal?: Refusal
  /** Counts the writes of this cursor. Each write names the revision that it read. 0: never written. */
  readonly revision: number
}

/** An input that belongs to no subject. It is kept for `landfall status`; equal ones are counted. */
export interface Rejection {
  /** The function that rejected it. */
  readonly source: string
  readonly code: string
  readonly reason: string
  /** What it is about, such as a bucket or a table's prefix. Rejections with the same source, code and `about` are equal. */
  readonly about: string
  /** One of the inputs, shortened. */
  readonly sample?: string
}

export interface CountedRejection extends Rejection {
  readonly count: number
  readonly first: EpochMs
  readonly last: EpochMs
}

/** `conflict`: another worker wrote since `revision` was read. A lost race is a value, not an error. */
type Saved = 'saved' | 'conflict'

/**
 * How far each reaction has come on each subject. Every conditional write of the project goes through this port. The DynamoDB
 * adapter is `src/aws/ledger.ts`; it and the in-memory twin pass the same suite (`test/core/ledger.suite.ts`).
 */
export interface Ledger {
  /** Strongly consistent; a cursor with revision 0 if none was written. One read. */
  cursor(key: CursorKey): Promise<Cursor>
  /** Writes `next`, with the next revision, if the stored revision still is `next.revision`. One write. */
  save(next: Cursor): Promise<Saved>
  /** Counts a rejection. One write. */
  reject(rejection: Rejection, at: EpochMs): Promise<void>
  /** The cursors of these keys, in this order; revision 0 for those never written. For status. */
  cursors(keys: readonly CursorKey[]): Promise<Cursor[]>
  /** Newest first. For status. */
  rejections(): Promise<CountedRejection[]>
}

/** The cursor of a reaction that has not touched the subject yet. */
export function newCursor({ subject, reaction }: CursorKey): Cursor {
  return { subject, reaction, version: -1, committed: 0, done: 0, revision: 0 }
}
