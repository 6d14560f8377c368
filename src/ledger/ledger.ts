/**
 * How far each reaction has come on each subject. Every conditional write of the project goes through this port; the
 * DynamoDB adapter is in `src/ledger/dynamo.ts`, the in-memory twin in `test/twins/`, and one suite runs on both.
 */

/** One attempt at a long action. */
export interface Run {
  /** Ours: made from subject, reaction, version range and attempt; the token that makes a second start harmless. */
  readonly id: string
  /** The versions that it takes: after the cursor's, up to and with this one. */
  readonly version: number
  readonly attempt: number
  /** `claimed`: recorded, perhaps not started. `started`: the outside system has it, under `externalId`. */
  readonly state: 'claimed' | 'started'
  readonly externalId?: string
  /** Until when its holder may be at work, in ms since the epoch; past it, anyone may take the run over. */
  readonly leaseUntil: number
}

/** Why a reaction does not go on, for an operator. */
export interface Refusal {
  readonly code: string
  readonly reason: string
  readonly advice?: string
  /** The version that was refused. */
  readonly version: number
  /** ms since the epoch. */
  readonly since: number
}

export interface Cursor {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** `catalog`, `job`, … */
  readonly reaction: string
  /** The last version done; -1 before the first. */
  readonly version: number
  /** When that version was committed at its source, in ms since the epoch; 0 before the first. */
  readonly committed: number
  /** When the reaction was done with it, in ms since the epoch; 0 before the first. */
  readonly done: number
  /** What the reaction asked to remember about what it did, so that it need not look again. */
  readonly memo?: string
  readonly run?: Run
  readonly refusal?: Refusal
  /** Counts the writes of this cursor; each write names the one it saw. 0: never written. */
  readonly revision: number
}

/** Something that came in and can be no subject's: kept so that `landfall status` can show it. Equal ones are counted. */
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
export type Saved = { readonly kind: 'saved'; readonly cursor: Cursor } | { readonly kind: 'conflict' }

export interface Ledger {
  /** Strongly consistent; a cursor with revision 0 where none was written. One read. */
  cursor(subject: string, reaction: string): Promise<Cursor>
  /** Writes `next` if the stored revision still is `next.revision`; what is stored then has the next one. One write. */
  save(next: Cursor): Promise<Saved>
  /** Adds one to the count of equal rejections, or begins it. `at` in ms since the epoch. One write. */
  reject(rejection: Rejection, at: number): Promise<void>
  /** For status: the cursors of these subjects, whatever their reactions. */
  cursors(subjects: readonly string[]): Promise<Cursor[]>
  /** For status: newest first. */
  rejections(): Promise<CountedRejection[]>
}

/** The cursor of a subject that no reaction has touched. */
export function newCursor(subject: string, reaction: string): Cursor {
  return { subject, reaction, version: -1, committed: 0, done: 0, revision: 0 }
}
