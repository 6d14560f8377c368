import type { Cursor, CursorKey, Ledger } from '../../src/core/ledger.ts'
import type { EpochMs, Milliseconds } from '../../src/core/time.ts'
import type { TableLog } from '../../src/tables/log.ts'
import type { Waiting } from '../progress.ts'
import { versions } from '../text.ts'

/**
 * - `rewind`: write `next`.
 * - `unchanged`: the cursor is there already; triggering the reaction is enough.
 * - `behind`: the cursor is before that version, so the reaction will process it anyway.
 * - `running`: a run is in progress outside, or may be starting.
 */
type Rewind =
  | { readonly kind: 'rewind'; readonly next: Cursor }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'behind' }
  | { readonly kind: 'running'; readonly why: string }

/**
 * How long a run without an external id may be starting: no less than any reaction's lease. A run that is due later than
 * that backs off after a failure; one whose lease has expired was abandoned.
 */
const LEASE: Milliseconds = 120_000

/** How to move a cursor back before version `from`. `committed`: when the version before it was committed. */
export function rewind(cursor: Cursor, from: number, committed: EpochMs, now: EpochMs): Rewind {
  const { run, refusal, state, version } = cursor
  if (run?.externalId !== undefined)
    return { kind: 'running', why: `run ${run.externalId} in progress (${versions(version + 1, run.version)})` }
  if (run !== undefined && run.until > now && run.until <= now + LEASE)
    return { kind: 'running', why: `a run may be starting (${versions(version + 1, run.version)})` }
  if (version < from - 1) return { kind: 'behind' }
  const isClean = run === undefined && refusal === undefined && state === undefined && cursor.wakeAt === undefined
  if (version === from - 1 && (isClean || cursor.revision === 0)) return { kind: 'unchanged' }
  const { subject, reaction, done, revision } = cursor
  // Without its state, the reaction compares everything with the outside.
  return { kind: 'rewind', next: { subject, reaction, version: from - 1, committed, done, revision } }
}

export interface Replayed {
  readonly reaction: string
  readonly outcome: 'replays' | 'behind' | 'running'
  /** The cursor's version before. */
  readonly version: number
  readonly why?: string
}

/** Moves one cursor back, as soon as no run is in progress, for at most `wait`. Retries a conflicting write. */
export async function rewindCursor(
  key: CursorKey,
  { from, committed }: { readonly from: number; readonly committed: number },
  ledger: Ledger,
  wait: Milliseconds,
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
        return { reaction, version, outcome: 'behind', why: cursor.refusal?.reason }
      case 'rewind':
        if ((await ledger.save(step.next)) === 'saved') return { reaction, version, outcome: 'replays' }
        break
      case 'running':
        if (now() >= end) return { reaction, version, outcome: 'running', why: step.why }
        progress(`${reaction}: ${step.why}; waiting for its end`)
        await sleep(1_000)
    }
  }
}

/** The newest version, and when the version before the first one was committed; or why a replay cannot begin there. */
type Beginning =
  { readonly newest: number; readonly committed: EpochMs } | { readonly problem: string; readonly advice?: string }

/**
 * Checks that the log still has version `from`. 0 is always possible: for versions that the log no longer has, reactions read
 * the live files instead.
 */
export async function beginning(table: string, log: TableLog, from: number): Promise<Beginning> {
  const newest = await log.newest(from - 1)
  if (newest < 0) return { problem: `${table} has no versions yet; nothing to replay` }
  if (from > newest)
    return { problem: `${table} is at version ${newest}, before ${from}`, advice: `Use --from ${newest} or lower.` }
  if (from === 0) return { newest, committed: 0 }
  if ((await log.change(from - 1, from)) === undefined) {
    const oldest = await oldestOf(log, from + 1, newest)
    const first = oldest === undefined ? '' : `--from ${oldest}, or `
    return {
      problem: `the log of ${table} no longer has version ${from}`,
      advice: `Use ${first}--from 0 for all live files.`,
    }
  }
  return { newest, committed: (await log.change(from - 2, from - 1))?.timestamp ?? 0 }
}

/** The first version in [low, high] that the log has; it has all later ones too. */
async function oldestOf(log: TableLog, low: number, high: number): Promise<number | undefined> {
  if (low > high || (await log.change(high - 1, high)) === undefined) return undefined
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await log.change(middle - 1, middle)) === undefined) low = middle + 1
    else high = middle
  }
  return high
}
