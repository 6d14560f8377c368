import type { Fact } from './facts.ts'
import type { Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'

/** Why a reaction was woken. An event is a hint: it says where to look, never what is true. */
export interface Wake {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** The newest version that an event has named; absent when nobody knows, as for a sweep. */
  readonly version?: number
  /** True for the sweep: look at the outside too, in case someone changed it by hand. */
  readonly full?: boolean
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
  readonly state?: string
  /** Parts of what was observed that can never be taken, while the rest is done: told, and no reason to hold the cursor. */
  readonly refused?: readonly RefusedPart[]
}

/** Something in a subject that is refused without the rest of it: files that nobody can read, a folder that does not fit. */
export interface RefusedPart {
  readonly code: string
  /** Equal for equal faults, without the name of what has it: they are counted as one. */
  readonly reason: string
  readonly advice?: string
  /** One of those that have the fault. */
  readonly sample: string
  /** How many have it. */
  readonly count: number
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

/**
 * - `start`: begin a run that takes all up to `version`, in so many `steps` (1 unless it says otherwise). `state` is
 *   recorded before anything is started.
 * - `wait`: not yet; look again at `until`, in ms since the epoch, or (`Infinity`) when something happens.
 * - `skip`: nothing in it concerns this reaction; the cursor moves past it.
 */
export type Start =
  | { readonly kind: 'start'; readonly state?: string; readonly steps?: number }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'skip' }

/**
 * What `start` came to.
 * - `started`: `externalId` is the outside system's id of it, to be asked after; `facts` are published.
 * - `later`: something else has to end first; look again at `until`, in ms since the epoch, or when something happens.
 * - `nothing`: what was to be started is there already, or not wanted any more. The run is forgotten.
 * - `done`: all that was due was done here and now, and nothing goes on outside; `state` is to be remembered. The next step
 *   follows; after the last one the run is forgotten, the cursor stays, and the reaction observes again.
 * - `succeeded`: as if `status` had answered so. Unlike `done`, the last step ends the run and moves the cursor.
 * - `failed`: it cannot be begun, which is the end of the run as if it had failed outside.
 * - `refused`: as if `refusal` were thrown, and `state` is to be remembered.
 */
export type Started =
  | { readonly kind: 'started'; readonly externalId: string; readonly facts?: readonly Fact[] }
  | { readonly kind: 'later'; readonly until: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'done'; readonly state: string }
  | { readonly kind: 'succeeded'; readonly state?: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly refusal: Refused; readonly state?: string }

/** How a run stillClaimed outside. */
export type RunStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  /** It never ran: to be sent again, and not counted as an attempt. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** `passing`: for a cause that may well be gone at another attempt; of use to the reaction's own `end`. */
  | { readonly kind: 'failed'; readonly reason: string; readonly passing?: boolean }

export type EndOfRun = Extract<RunStatus, { kind: 'succeeded' | 'failed' }>

/** What is to be recorded and published of a run that has ended. */
export interface Ended {
  /** What the reaction remembers from here on. Absent: as before. */
  readonly state?: string
  /** Published before it is recorded. */
  readonly facts?: readonly Fact[]
  /** A failure that another attempt would not mend: the cursor moves past it, and the reaction looks again. */
  readonly final?: boolean
}

/** A reaction whose action outlasts the function: started once, in an outside system, and asked after until it is over. */
export interface LongReaction<Observed extends Observation> {
  readonly name: string
  observe(wake: Wake, cursor: Cursor): Promise<Observed | undefined>
  /** Pure. `now` in ms since the epoch. */
  decide(observed: Observed, now: number): Start
  /**
   * Starts what the run takes: (cursor.version, run.version]. The same token must start nothing twice.
   *
   * @param stillClaimed whether the claim still does, for who prepares for long what then cannot be taken back
   */
  start(run: Run, cursor: Cursor, stillClaimed: () => Promise<boolean>): Promise<Started>
  /** @throws {Refused} `no-such-run` for one that is forgotten, which then has failed; any other code: nobody may ask. */
  status(run: Run, cursor: Cursor): Promise<RunStatus>
  /** What is due once a run has ended and before that is recorded. Safe to repeat. */
  end?(run: Run, status: EndOfRun, cursor: Cursor): Promise<Ended>
  readonly pace: Pace
}

/** Times in ms. */
export interface Pace {
  /** How long a claimed run is left to whoever claimed it. Longer than `start` takes. */
  readonly lease: number
  /** How often a run is asked after, should the news of its end be lost. */
  readonly poll: number
  /** How long to wait after the first failure; four times as long after each further one. */
  readonly backOff: number
  /** After so many failures it is stuck, and an operator's. */
  readonly attempts: number
}
