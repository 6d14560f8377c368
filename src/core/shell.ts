import type { Bus } from './bus.ts'
import type { Cursor, Ledger, Refusal } from './ledger.ts'
import type { Wake } from './reaction.ts'

/** What every reaction is carried out with. The twin is in `test/core/shell.twin.ts`. */
export interface Shell {
  readonly lake: string
  /** For the commands that an operator is told to run. */
  readonly stage: string
  readonly ledger: Ledger
  readonly bus: Bus
  /** Wakes this reaction again after `delay` ms. May be lost, as any event may. */
  wakeLater(wake: Wake, delay: number): Promise<void>
  /** A digest of at most 64 characters; equal for equal texts only. */
  digest(text: string): string
  /** ms since the epoch. */
  now(): number
}

/**
 * - `idle`: there was nothing to do now, and nothing was done.
 * - `done`: the cursor now stands at `cursor.version`, after `actions` calls.
 * - `running`: a run is under way, outside.
 * - `refused`: it can never succeed; recorded and published.
 */
export type ReactResult =
  | { readonly kind: 'idle'; readonly cursor: Cursor }
  | { readonly kind: 'done'; readonly cursor: Cursor; readonly actions: number }
  | { readonly kind: 'running'; readonly cursor: Cursor }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * How one pass of observe, decide, act and record went: it ended with a result, it lost a race, or it got further and another
 * pass follows. A pass that ends a run is always followed by another, since events that found the run in progress were
 * dropped.
 */
export type Pass =
  | ReactResult
  | { readonly kind: 'conflict'; readonly acted: boolean }
  | { readonly kind: 'again'; readonly last: ReactResult }
