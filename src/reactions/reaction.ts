import type { Cursor } from '../ledger/ledger.ts'

/** Why a reaction was woken. An event is a hint: it says where to look, never what is true. */
export interface Wake {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** The newest version that an event has named; absent when nobody knows, as for a sweep. */
  readonly version?: number
  /** True for the sweep: look at the outside too, in case someone changed it by hand. */
  readonly thorough?: boolean
}

/** What `observe` found; reactions add what their `decide` needs. */
export interface Observation {
  /** The source's version that was observed. The cursor moves to it when all is done. */
  readonly version: number
  /** When that version was committed, in ms since the epoch. */
  readonly committed: number
}

/** What is still to be done, and what to remember once it is. */
export interface Decision<Action> {
  /** Carried out in this order. Empty: nothing to do but to move the cursor. */
  readonly actions: readonly Action[]
  readonly memo?: string
}

/**
 * - `done`: it took effect, or had done so before.
 * - `conflict`: somebody else changed what was observed; nothing was written, and the shell observes again.
 *
 * What can never succeed is thrown as `Refused`; what may succeed later is thrown as any other error.
 */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'conflict' }

/** One thing that the lake does about a subject. `react` carries all of them out; none has a loop, a retry or a ledger call. */
export interface Reaction<Observed extends Observation, Action> {
  readonly name: string
  /** Reads only. `undefined`: there is nothing to do, and nothing to record. */
  observe(wake: Wake, cursor: Cursor): Promise<Observed | undefined>
  /** Pure: no clock, no I/O. */
  decide(observed: Observed, cursor: Cursor): Decision<Action>
  /** A call that is safe to repeat. */
  act(action: Action): Promise<Outcome>
}
