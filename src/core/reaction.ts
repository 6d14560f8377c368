import type { Fact } from './facts.ts'
import type { Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'
import type { EpochMs, Milliseconds } from './time.ts'

/** Why a reaction was woken. It is a hint: it says where to look, never what is true. */
export interface Wake {
  /** `table/flights`, `endpoint/delay`. */
  readonly subject: string
  /** The newest version that an event named. Absent when none did, as for a sweep. */
  readonly version?: number
  /** True for the sweep: compare the outside as well, in case someone changed it by hand. */
  readonly full?: boolean
}

/** What `observe` found. Reactions add what their `decide` needs. */
export interface Observation {
  /** The source's version. The cursor moves to it when all is done. */
  readonly version: number
  /** When that version was committed. */
  readonly committed: EpochMs
}

/** What is still to be done. */
export interface Decision<Action> {
  /** Carried out in this order. Empty: only the cursor moves. */
  readonly actions: readonly Action[]
  /** Recorded with the cursor, for later passes. Absent: none from here on. */
  readonly state?: string
  /** Parts that can never be processed. They are reported, and the cursor moves past them. */
  readonly refused?: readonly RefusedPart[]
  /** True: the source has more than was observed. After this is recorded, the reaction observes again. */
  readonly more?: boolean
}

/** How far a reaction has come, and what to remember there. */
export interface Progress extends Observation {
  readonly state?: string
}

/** A part of a subject that is refused while the rest is processed, such as files that nobody can read. */
export interface RefusedPart {
  readonly code: string
  /** The same for every part with this fault, so without the part's name: they are counted as one. */
  readonly reason: string
  readonly advice?: string
  /** One of the parts that have the fault. */
  readonly sample: string
  /** How many have it. */
  readonly count: number
}

/**
 * - `done`: the call took effect, now or before.
 * - `conflict`: someone changed what was observed. Nothing was written, and the reaction observes again.
 * - `partial`: it failed with `cause` after a part of it took effect. The cursor moves to `reached`, and `cause` is thrown.
 *
 * What can never succeed is thrown as `Refused`, what may succeed later as any other error.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'partial'; readonly reached: Progress; readonly cause: unknown }

/**
 * A level-triggered reconciler: it compares the source with the outside and closes the gap, whatever event woke it. `react`
 * carries it out and records the result, so a reaction has no loop, no retry and no ledger call of its own.
 */
export interface Reaction<Observed extends Observation, Action> {
  readonly name: string
  /** Reads only. `undefined`: there is nothing to do and nothing to record. */
  observe(wake: Wake, cursor: Cursor): Promise<Observed | undefined>
  /** Pure: no clock, no I/O. */
  decide(observed: Observed, cursor: Cursor): Decision<Action>
  /** Must be safe to repeat: after a crash or a conflict it is called again. */
  act(action: Action): Promise<Outcome>
}

/**
 * - `start`: begin a run of everything up to the observed version, in `steps` steps (default 1), one after the other. `state`
 *   is recorded before the first is started.
 * - `wait`: not yet. Observe again at `until`, or at the next event when that is `Infinity`.
 * - `skip`: nothing in it concerns this reaction. The cursor moves past it.
 */
export type Start =
  | { readonly kind: 'start'; readonly state?: string; readonly steps?: number }
  | { readonly kind: 'wait'; readonly until: EpochMs }
  | { readonly kind: 'skip' }

/**
 * What became of the start of a step.
 * - `started`: it runs outside, as `externalId`. It is polled until it ends. `facts` are published.
 * - `later`: something else has to end first. This step is started again, with the same token, at `until` or at the next
 *   event.
 * - `succeeded`: it has succeeded already, as if `status` had said so. The next step follows, or the run ends.
 * - `done`: like `succeeded` while more steps follow. As the last step it drops the run without moving the cursor, and the
 *   reaction observes again: for work that comes before the actual run. `state` is recorded.
 * - `nothing`: it is not wanted any more. The run is dropped, and the reaction observes again.
 * - `failed`: it cannot begin. That counts as a failed attempt.
 * - `refused`: as if `refusal` were thrown: the run is dropped, and the next event or sweep decides anew. `state` is recorded.
 *
 * After a run was dropped, a new one begins at the first step with new tokens, so a step must not rely on its predecessors
 * having run only once.
 */
export type Started =
  | { readonly kind: 'started'; readonly externalId: string; readonly facts?: readonly Fact[] }
  | { readonly kind: 'later'; readonly until: EpochMs }
  | { readonly kind: 'succeeded'; readonly state?: string }
  | { readonly kind: 'done'; readonly state: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly refusal: Refused; readonly state?: string }

/** How a step is doing outside. */
export type RunStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  /** It never ran. It is started again, and that is not counted as another attempt. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** `passing`: the cause may be gone at the next attempt. Only the reaction's own `end` uses it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly passing?: boolean }

export type EndOfRun = Extract<RunStatus, { kind: 'succeeded' | 'failed' }>

/** What to record and publish about a run that has ended. */
export interface Ended {
  /** Absent: stays as it is. */
  readonly state?: string
  /** Published before the end is recorded. */
  readonly facts?: readonly Fact[]
  /** Another attempt would fail as well: the cursor moves past the run, and the reaction observes again. */
  readonly final?: boolean
}

export interface Claim<Observed extends Observation> {
  /**
   * What `decide` has just decided from. Absent when an older claim is taken over and for later steps: what held when it was
   * decided may no longer hold.
   */
  readonly observed?: Observed
  /** False once another worker changed the claim: ask before an irreversible call that follows a long preparation. */
  stillClaimed(): Promise<boolean>
}

/**
 * A reaction whose action outlasts the function: a job, a load, a deployment. Each step of a run is recorded as a claim,
 * started once in an outside system, and polled until it ends. Only a failed step is retried, not the steps before it.
 */
export interface LongReaction<Observed extends Observation> {
  readonly name: string
  /** Reads only. `undefined`: there is nothing to do and nothing to record. */
  observe(wake: Wake, cursor: Cursor): Promise<Observed | undefined>
  /** Pure: no clock, no I/O. */
  decide(observed: Observed, now: EpochMs): Start
  /**
   * Starts step `run.step` of a run over the versions (cursor.version, run.version]. May be called several times with the same
   * `run.token`, which must start it only once.
   *
   * It carries out what was decided, and decides nothing itself.
   *
   * @throws {Refused} what can never succeed; any other error is retried by the queue, with the same token
   */
  start(run: Run, cursor: Cursor, claim: Claim<Observed>): Promise<Started>
  /**
   * How step `run.step` is doing, which is known outside as `run.externalId`.
   *
   * @throws {Refused} `no-such-run` when the outside system has forgotten it: it then counts as failed. Any other code: it
   * cannot be polled, and may still be running
   */
  status(run: Run, cursor: Cursor): Promise<RunStatus>
  /** Called when the last step has succeeded or any step has failed, before that is recorded. Must be safe to repeat. */
  end?(run: Run, status: EndOfRun, cursor: Cursor): Promise<Ended>
  readonly pace: Pace
}

export interface Pace {
  /** How long a claim belongs to the worker that made it. Longer than `start` takes. */
  readonly lease: Milliseconds
  /** How often a run is polled, in case the event about its end is lost. */
  readonly poll: Milliseconds
  /**
   * When a step that was just started is first polled. Absent: at once. For steps that take minutes, it saves three calls. An
   * event polls at any time.
   */
  readonly firstPoll?: Milliseconds
  /** The wait after the first failure of a step. It is four times as long after each further one. */
  readonly backOff: Milliseconds
  /** After so many failures of a step the run is stuck, until an operator lifts it. */
  readonly attempts: number
}
