import type { Cursor } from '../../src/core/ledger.ts'
import { versionOf } from '../status/endpoints.ts'
import type { Depth } from '../queues.ts'
import { columns } from '../text.ts'

/** What the sweep function answers, see `functions/sweep.ts`. */
export interface SweepAnswer {
  /** How many subjects were woken, by reaction. */
  readonly woken: Readonly<Record<string, number>>
  /** What the comparison with a listing did to the landing logs, by table of files. */
  readonly files: Readonly<
    Record<string, { readonly compared: number; readonly added: number; readonly removed: number }>
  >
}

/**
 * - `idle`: all stood as it should.
 * - `repaired`: something was done.
 * - `running`: an action of it is under way outside.
 * - `refused`: it cannot be done, see the reason.
 * - `paused`: it looks once it is resumed.
 * - `waiting`: it had not looked when the time was over.
 */
export interface Looked {
  readonly subject: string
  readonly reaction: string
  readonly found: 'idle' | 'repaired' | 'running' | 'refused' | 'paused' | 'waiting'
  /** The last version done of a table, or of a model the one that its endpoint serves; null before the first. */
  readonly version: number | string | null
  readonly reason?: string
}

/** What a reaction found, by its cursor before and after, and by whether its queue ran empty in between. */
export function looked(before: Cursor, after: Cursor, queue: 'drained' | 'busy' | 'paused'): Looked {
  const { subject, reaction, refusal, run } = after
  const common = { subject, reaction, version: versionOf(after) }
  if (queue === 'paused') return { ...common, found: 'paused' }
  if (refusal !== undefined) return { ...common, found: 'refused', reason: refusal.reason }
  if (run !== undefined) return { ...common, found: 'running' }
  if (after.version !== before.version || after.done !== before.done) return { ...common, found: 'repaired' }
  return { ...common, found: queue === 'drained' ? 'idle' : 'waiting' }
}

/** So many looks at a queue must find it empty, since SQS's counts are approximate. */
const LOOKS = 3

/** Says of queues, look by look, which have run empty. */
export class Drain {
  readonly #empty = new Map<string, number>()

  see(queue: string, depth: Depth | undefined): void {
    const isEmpty = depth === undefined || depth.waiting + depth.atWork === 0
    // Once it was empty, what came since is others' work.
    if (!this.isDrained(queue)) this.#empty.set(queue, isEmpty ? (this.#empty.get(queue) ?? 0) + 1 : 0)
  }

  isDrained(queue: string): boolean {
    return (this.#empty.get(queue) ?? 0) >= LOOKS
  }
}

export function sweepText({ files }: SweepAnswer, all: readonly Looked[], width: number): string[] {
  const repaired = Object.entries(files).filter(([, { added, removed }]) => added + removed > 0)
  return [
    ...repaired.map(
      ([table, { added, removed, compared }]) =>
        `table/${table}: its log lacked ${added} files and had ${removed} that are gone, in ${compared} keys`,
    ),
    ...(repaired.length === 0 ? [] : ['']),
    ...columns(
      [
        ['SUBJECT', 'REACTION', 'VERSION', 'FOUND'],
        ...all.map(({ subject, reaction, version, found }) => [subject, reaction, String(version ?? '-'), found]),
      ],
      width,
    ),
    ...all.flatMap(({ subject, reaction, reason }) =>
      reason === undefined ? [] : ['', `${subject}: ${reaction} is refused; landfall status says more`, `  ${reason}`],
    ),
  ]
}
