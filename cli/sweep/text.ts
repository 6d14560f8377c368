import type { Cursor } from '../../src/core/ledger.ts'
import type { Depth } from '../queues.ts'
import { isEndpoint } from '../../src/lake/subjects.ts'
import { versionOf } from '../subjects.ts'
import { columns, count, counted } from '../text.ts'

/** What the sweep function answers, see `functions/sweep.ts`. */
export interface SweepAnswer {
  /** How many subjects were triggered, by reaction. */
  readonly woken: Readonly<Record<string, number>>
  /** How landing logs were corrected by a listing of the bucket, by table of files. */
  readonly files: Readonly<
    Record<string, { readonly compared: number; readonly added: number; readonly removed: number }>
  >
}

/**
 * - `idle`: nothing to do.
 * - `repaired`: it caught up on a lost event, or reverted a manual change.
 * - `deployed`: another model version was deployed.
 * - `running`: a long action is in progress outside.
 * - `refused`: it cannot be done, see the reason.
 * - `paused`: it is checked after `landfall resume`.
 * - `waiting`: it was not checked in time.
 */
export interface SubjectResult {
  readonly subject: string
  readonly reaction: string
  readonly found: 'idle' | 'repaired' | 'deployed' | 'running' | 'refused' | 'paused' | 'waiting'
  /** A table's last version done, or the model version that an endpoint serves; null before the first. */
  readonly version: number | string | null
  readonly reason?: string
}

export type QueueState = 'drained' | 'busy' | 'paused'

/** What a sweep did to one subject, judged by its cursor before and after. */
export function subjectResult(before: Cursor, after: Cursor, queue: QueueState): SubjectResult {
  const { subject, reaction, refusal, run } = after
  const common = { subject, reaction, version: versionOf(after) }
  if (queue === 'paused') return { ...common, found: 'paused' }
  if (refusal !== undefined) return { ...common, found: 'refused', reason: refusal.reason }
  if (run !== undefined) return { ...common, found: 'running' }
  if (isEndpoint(subject) && versionOf(before) !== common.version) return { ...common, found: 'deployed' }
  if (after.version !== before.version || after.done !== before.done) return { ...common, found: 'repaired' }
  return { ...common, found: queue === 'drained' ? 'idle' : 'waiting' }
}

/** A queue counts as empty after this many empty polls in a row, since SQS's counts are approximate. */
const EMPTY_POLLS = 3

/** Which queues have been seen empty. */
export class Drain {
  readonly #empty = new Map<string, number>()

  see(queue: string, depth: Depth | undefined): void {
    const isEmpty = depth === undefined || depth.waiting + depth.inFlight === 0
    // What arrives after the queue was empty does not belong to this sweep.
    if (!this.isDrained(queue)) this.#empty.set(queue, isEmpty ? (this.#empty.get(queue) ?? 0) + 1 : 0)
  }

  isDrained(queue: string): boolean {
    return (this.#empty.get(queue) ?? 0) >= EMPTY_POLLS
  }
}

export function sweepText(
  { files }: SweepAnswer,
  all: readonly SubjectResult[],
  stage: string,
  width: number,
): string[] {
  const corrected = Object.entries(files).filter(([, { added, removed }]) => added + removed > 0)
  const refused = all.filter(({ found }) => found === 'refused')
  return [
    ...corrected.map(
      ([table, { added, removed, compared }]) =>
        `table/${table}: ${counted(added, 'missed file')} added, ${count(removed)} removed (${counted(compared, 'key')} compared)`,
    ),
    ...(corrected.length === 0 ? [] : ['']),
    ...columns(
      [
        ['SUBJECT', 'REACTION', 'VERSION', 'RESULT'],
        ...all.map(({ subject, reaction, version, found }) => [subject, reaction, String(version ?? '-'), found]),
      ],
      width,
    ),
    ...refused.flatMap(({ subject, reaction, reason }) => ['', `${subject}: ${reaction} refused`, `  ${reason}`]),
    ...(refused.length === 0 ? [] : ['', `For details: landfall status --stage ${stage}`]),
  ]
}
