/**
 * What the deployment reaction remembers of an endpoint, in its cursor: what was in service, what is on its way, what
 * failed, and what an operator holds. A deployment is known by the name of its endpoint configuration, which is made from
 * all that goes into it (`resource-names.ts`).
 */
export interface DeploymentState {
  /** Those that were in service and answered as they should; the last one first. All of them are still there, to go back to. */
  readonly deployments: readonly Deployment[]
  /** What the run that is under way is about, or the last one was. */
  readonly candidate?: Candidate
  /** What was decided last, recorded before any of it is done: whoever takes over carries out the same. */
  readonly plan?: Plan
  /** What the registry says is to be served, and did not work. It is left alone until the registry says something else. */
  readonly failed?: Failure
  readonly held?: Hold
  /** What came to nothing, or is kept no longer: taken away once something else is in service. */
  readonly leftovers?: readonly Leftover[]
  /** Autoscaling is still to be set for what serves. */
  readonly scalingPending?: true
  /** What the registry's versions are still to be told. */
  readonly pendingReports?: readonly Report[]
}

/**
 * - `deploy`, `restore`: update the endpoint to `candidate`.
 * - `clean-up`: delete `leftovers`, set autoscaling if `scalingPending`, write `pendingReports`.
 */
export type Plan = 'deploy' | 'restore' | 'clean-up'

/** What became of a version, for whoever promoted it. */
export interface Report {
  readonly registered: string
  readonly version: string
  readonly progress: Progress
  readonly config: string
  readonly reason?: string
  /** ms since the epoch. */
  readonly at: number
}

/**
 * - `deploying`: it is on its way.
 * - `deployed`: it serves.
 * - `replaced`: it served, and is kept ready.
 * - `superseded`: it was on its way, and something else was promoted before it served.
 * - `rolled-back`: it did not get into service, or was taken out of it.
 * - `refused`: it cannot be deployed as it is.
 */
export type Progress = 'deploying' | 'deployed' | 'replaced' | 'superseded' | 'rolled-back' | 'refused'

export interface Deployment {
  /** Name of the endpoint configuration, and of the model. */
  readonly config: string
  /** The registry's number of the version. */
  readonly version: string
  /** The model's name in the registry. */
  readonly registered: string
  /** Rises with each promotion; a rollback does not change it. */
  readonly number: number
  /** Since when it is in service, or was at last, in ms since the epoch. */
  readonly at: number
  /** The instances that lake.yml said, `2-4`; empty for serverless. */
  readonly capacity: string
  /** Their type; absent for serverless. */
  readonly instance?: string
  /** Invocations per instance and minute that autoscaling aims at. */
  readonly invocations?: number
  /** `s3://…` of the `model.tar.gz` that was made for it. */
  readonly packed?: string
  /** When it was last tried to go back to it in vain, in ms since the epoch. */
  readonly failedAt?: number
}

export interface Candidate extends Omit<Deployment, 'at' | 'failedAt'> {
  /** Going back to one that worked. */
  readonly restore: boolean
  /** When it was decided, in ms since the epoch. */
  readonly since: number
  /** Why it was refused when it was last tried: its version has been told so. */
  readonly refused?: string
}

export interface Failure {
  readonly config: string
  readonly version: string
  readonly reason: string
  /** ms since the epoch. */
  readonly at: number
}

/** An operator went back by hand, and stays there until the registry says something else than it did then. */
export interface Hold {
  /** The deployment to stay at. */
  readonly to: string
  /** The version that the registry's mark was on, whatever lake.yml makes of it; absent where none had it. */
  readonly heldAgainst?: string
  /** ms since the epoch. */
  readonly at: number
}

export type Leftover = Pick<Deployment, 'config' | 'packed'>

/** The keys that the ledger holds are older than the names here. */
interface Stored extends Omit<DeploymentState, 'candidate' | 'held' | 'scalingPending' | 'pendingReports'> {
  readonly pending?: Candidate
  readonly held?: Omit<Hold, 'heldAgainst'> & { readonly over?: string }
  readonly unscaled?: true
  readonly untold?: readonly Report[]
}

/** Of a cursor. What an older version wrote has no less in it than this one needs. */
export function parseState(text: string | undefined): DeploymentState {
  const {
    deployments = [],
    pending,
    held,
    unscaled,
    untold,
    ...found
  } = (text === undefined ? {} : JSON.parse(text)) as Partial<Stored>
  return {
    ...found,
    deployments,
    ...(pending && { candidate: pending }),
    ...(held && { held: holdOf(held) }),
    ...(unscaled && { scalingPending: unscaled }),
    ...(untold && { pendingReports: untold }),
  }
}

function holdOf({ over, ...hold }: NonNullable<Stored['held']>): Hold {
  return over === undefined ? hold : { ...hold, heldAgainst: over }
}

/** Equal for equal states. */
export function serializeState(state: DeploymentState): string {
  const {
    deployments,
    candidate,
    plan,
    failed,
    held,
    scalingPending,
    leftovers: left = [],
    pendingReports = [],
  } = state
  const { heldAgainst, ...hold } = held ?? {}
  return JSON.stringify({
    deployments,
    pending: candidate,
    plan,
    failed,
    held: held && { ...hold, over: heldAgainst },
    unscaled: scalingPending,
    ...(left.length > 0 && { leftovers: left }),
    ...(pendingReports.length > 0 && { untold: pendingReports }),
  } satisfies Partial<Record<keyof Stored, unknown>>)
}

/** A registry that takes no tags at all is not to fill the ledger's item. */
const MOST_UNTOLD = 50

/** What versions are still to be told, with more of it. Of each the last word counts. */
export function queueReports(
  { pendingReports = [] }: Pick<DeploymentState, 'pendingReports'>,
  more: readonly Report[],
): Report[] {
  const byVersion = new Map<string, Report>()
  for (const report of [...pendingReports, ...more]) {
    const version = JSON.stringify([report.registered, report.version])
    byVersion.delete(version)
    byVersion.set(version, report)
  }
  return [...byVersion.values()].slice(-MOST_UNTOLD)
}

/** What there is of what is not kept: each once. */
export function leftovers(all: readonly Leftover[], kept: readonly Pick<Deployment, 'config'>[]): Leftover[] {
  const byConfig = new Map(
    all.map(({ config, packed }) => [config, packed === undefined ? { config } : { config, packed }]),
  )
  for (const { config } of kept) byConfig.delete(config)
  return [...byConfig.values()]
}
