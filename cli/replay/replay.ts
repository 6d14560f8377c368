import type { Cursor, CursorKey, Ledger } from '../../src/core/ledger.ts'
import type { TableLog } from '../../src/tables/log.ts'
import type { Waiting } from '../pausing.ts'

/**
 * - `rewind`: `next` is to be written.
 * - `unchanged`: it stands there already; waking it is enough.
 * - `behind`: it has not come so far yet: it takes these versions anyway.
 * - `running`: an action is under way outside, or may be starting.
 */
export type Rewind =
  | { readonly kind: 'rewind'; readonly next: Cursor }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'behind' }
  | { readonly kind: 'running'; readonly why: string }

/**
 * For how long a run without an id outside may be starting right now, in ms: no less than any reaction's lease. One that
 * waits for longer backs off after a failure, and one whose time is over was let go of.
 */
const LEASE = 120_000

/** How a cursor comes to stand before version `from`. `committed` of the version before it; `now` in ms since the epoch. */
export function rewind(cursor: Cursor, from: number, committed: number, now: number): Rewind {
  const { run, refusal, state, version } = cursor
  if (run?.externalId !== undefined)
    return { kind: 'running', why: `its run ${run.externalId} of the versions ${version + 1} to ${run.version}` }
  if (run !== undefined && run.until > now && run.until <= now + LEASE)
    return { kind: 'running', why: `a run of the versions ${version + 1} to ${run.version} may be starting` }
  if (version < from - 1) return { kind: 'behind' }
  const isClean = run === undefined && refusal === undefined && state === undefined && cursor.wakeAt === undefined
  if (version === from - 1 && (isClean || cursor.revision === 0)) return { kind: 'unchanged' }
  const { subject, reaction, done, revision } = cursor
  // Without its state, the reaction compares everything with what is there.
  return { kind: 'rewind', next: { subject, reaction, version: from - 1, committed, done, revision } }
}

export interface Replayed {
  readonly reaction: string
  readonly outcome: 'replays' | 'behind' | 'running'
  /** Where the cursor stood. */
  readonly version: number
  readonly why?: string
}

/** Sets one cursor back, as soon as no run is under way, for at most `wait` ms. A lost race is run again. */
export async function rewindCursor(
  key: CursorKey,
  { from, committed }: { readonly from: number; readonly committed: number },
  ledger: Ledger,
  wait: number,
  { now, sleep, progress }: Waiting,
): Promise<Replayed> {
  const end = now() + wait
  const { reaction } = key
  for (;;) {
    const cursor = await ledger.cursor(key)
    const { version } = cursor
    const step = rewind(cursor, from, committed, now())
    switch (step.kind) {
      case 'unchanged':
        return { reaction, version, outcome: 'replays' }
      case 'behind':
        return { reaction, version, outcome: 'behind', ...(cursor.refusal && { why: cursor.refusal.reason }) }
      case 'rewind':
        if ((await ledger.save(step.next)) === 'saved') return { reaction, version, outcome: 'replays' }
        break
      case 'running':
        if (now() >= end) return { reaction, version, outcome: 'running', why: step.why }
        progress(`${reaction}: ${step.why} is under way; waiting for its end`)
        await sleep(1_000)
    }
  }
}

/** Where a replay may begin, and when the version before it was committed; or, for the operator, why it may not. */
export type Beginning = { readonly newest: number; readonly committed: number } | { readonly problem: string }

/**
 * Whether the log still holds version `from`. From 0 it may always begin: what the log does not hold any more, reactions then
 * take from what is live.
 */
export async function beginning(table: string, log: TableLog, from: number): Promise<Beginning> {
  const newest = await log.newest(from - 1)
  if (newest < 0) return { problem: `${table} has no versions yet: there is nothing to replay` }
  if (from > newest)
    return { problem: `${table} is at version ${newest}; --from ${from} is beyond it. Its newest: --from ${newest}` }
  if (from === 0) return { newest, committed: 0 }
  if ((await log.change(from - 1, from)) === undefined) {
    const oldest = await oldestOf(log, from + 1, newest)
    const held = oldest === undefined ? '' : `--from ${oldest}, or `
    return {
      problem: `the log of ${table} does not hold version ${from} any more. What it can do: ${held}--from 0 for all that is live now`,
    }
  }
  return { newest, committed: (await log.change(from - 2, from - 1))?.timestamp ?? 0 }
}

/** The first version in [low, high] that the log holds: it holds all after it, too. */
async function oldestOf(log: TableLog, low: number, high: number): Promise<number | undefined> {
  if (low > high || (await log.change(high - 1, high)) === undefined) return undefined
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await log.change(middle - 1, middle)) === undefined) low = middle + 1
    else high = middle
  }
  return high
}
