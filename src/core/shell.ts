import type { Bus } from './bus.ts'
import type { Cursor, Ledger, Refusal } from './ledger.ts'
import type { Wake } from './reaction.ts'
import type { EpochMs, Milliseconds } from './time.ts'

/** What `react` needs to carry out any reaction. The twin is `test/core/shell.twin.ts`. */
export interface Shell {
  readonly lake: string
  /** For the commands that an operator is told to run. */
  readonly stage: string
  readonly ledger: Ledger
  readonly bus: Bus
  /** Wakes this reaction again. The wake-up may be lost, as any event may. */
  wakeLater(wake: Wake, delay: Milliseconds): Promise<void>
  /** A collision-resistant digest of at most 64 characters. */
  digest(text: string): string
  now(): EpochMs
}

/**
 * - `idle`: there was nothing to do.
 * - `done`: everything up to `cursor.version` is done, with this many calls.
 * - `running`: a run is in progress.
 * - `refused`: it can never succeed. This is recorded and published.
 */
export type ReactResult =
  | { readonly kind: 'idle'; readonly cursor: Cursor }
  | { readonly kind: 'done'; readonly cursor: Cursor; readonly actions: number }
  | { readonly kind: 'running'; readonly cursor: Cursor }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * How one pass of observe, decide, act and record went: it ended with a result, it lost a race, or it made progress and another
 * pass follows. The end of a run is always followed by another pass, because events that arrived during the run were dropped.
 */
export type Pass =
  | ReactResult
  /** `acted`: something had been written outside before the race was lost. */
  | { readonly kind: 'conflict'; readonly acted: boolean }
  /** `more`: there is a backlog, of which some was done. */
  | { readonly kind: 'again'; readonly last: ReactResult; readonly more?: boolean }
