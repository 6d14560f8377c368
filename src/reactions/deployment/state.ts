import type { EpochMs } from '../../core/time.ts'

/**
 * What the deployment reaction remembers about an endpoint, in its cursor. A deployment is identified by the name of its
 * endpoint configuration, which is a digest of everything that goes into it (`resource-names.ts`).
 */
export interface DeploymentState {
  /** Deployments that worked, the current one first. All of them still exist and can be restored. */
  readonly deployments: readonly Deployment[]
  /** What is being deployed or restored, or was last. */
  readonly candidate?: Candidate
  /** The last decision, recorded before it is carried out, so that a worker that takes over does the same. */
  readonly plan?: Plan
  /** What the registry asks for and did not work. It is not tried again until the registry asks for something else. */
  readonly failed?: Failure
  readonly held?: Hold
  /** Configurations that failed or are not kept any more. Deleted once something else serves. */
  readonly leftovers?: readonly Leftover[]
  /** Autoscaling must still be set for what serves. */
  readonly scalingPending?: true
  /** Tags that must still be written on versions in the registry. */
  readonly pendingReports?: readonly Report[]
}

/**
 * - `deploy`, `restore`: update the endpoint to `candidate`.
 * - `clean-up`: delete `leftovers`, set autoscaling if `scalingPending`, write `pendingReports`.
 */
type Plan = 'deploy' | 'restore' | 'clean-up'

/** The progress of a version, to be written as its tags. */
export interface Report {
  readonly registered: string
  readonly version: string
  readonly progress: Progress
  readonly config: string
  readonly reason?: string
  readonly at: EpochMs
}

/**
 * - `deploying`: its deployment has begun.
 * - `deployed`: it serves.
 * - `replaced`: it served before, and is kept ready.
 * - `superseded`: something else was promoted before it served.
 * - `rolled-back`: it did not get into service, or was taken out of it.
 * - `refused`: it cannot be deployed as it is.
 */
type Progress = 'deploying' | 'deployed' | 'replaced' | 'superseded' | 'rolled-back' | 'refused'

export interface Deployment {
  /** Name of the endpoint configuration, and of the model. */
  readonly config: string
  /** The registry's number of the version. */
  readonly version: string
  /** The model's name in the registry. */
  readonly registered: string
  /** Increases with each promotion; a restored deployment keeps its number. */
  readonly number: number
  /** When it last got into service. */
  readonly at: EpochMs
  /** The instance counts of lake.yml, `2-4`; empty for serverless. */
  readonly capacity: string
  /** The instance type; absent for serverless. */
  readonly instance?: string
  /** Autoscaling's target: invocations per instance and minute. */
  readonly invocations?: number
  /** `s3://…` of the `model.tar.gz` that was made for it. */
  readonly packed?: string
  /** When restoring it last failed. */
  readonly failedAt?: EpochMs
}

/** What an endpoint is being updated to. */
export interface Candidate extends Omit<Deployment, 'at' | 'failedAt'> {
  /** True for a deployment that worked before. */
  readonly restore: boolean
  /** When it was decided first. */
  readonly since: EpochMs
  /** Why the last attempt was refused. Its version is tagged so. */
  readonly refused?: string
}

interface Failure {
  readonly config: string
  readonly version: string
  readonly reason: string
  readonly at: EpochMs
}

/** An operator went back to a deployment. It is held until the registry asks for another version than it did then. */
interface Hold {
  /** The configuration to hold. */
  readonly to: string
  /** The version that the registry's mark was on; absent if it was on none. */
  readonly heldAgainst?: string
  readonly at: EpochMs
}

export type Leftover = Pick<Deployment, 'config' | 'packed'>

/** The ledger's keys are older than the names here. */
interface Stored extends Omit<DeploymentState, 'candidate' | 'held' | 'scalingPending' | 'pendingReports'> {
  readonly pending?: Candidate
  readonly held?: Omit<Hold, 'heldAgainst'> & { readonly over?: string }
  readonly unscaled?: true
  readonly untold?: readonly Report[]
}

/** Also reads what older versions of Landfall wrote. */
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
    candidate: pending,
    held: held && holdOf(held),
    scalingPending: unscaled,
    pendingReports: untold,
  }
}

function holdOf({ over, ...hold }: NonNullable<Stored['held']>): Hold {
  return { ...hold, heldAgainst: over }
}

/** Equal states give equal texts. */
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
    leftovers: left.length > 0 ? left : undefined,
    untold: pendingReports.length > 0 ? pendingReports : undefined,
  } satisfies Partial<Record<keyof Stored, unknown>>)
}

/** A registry that rejects all tags must not fill the ledger's item. */
const MOST_REPORTS = 50

/** The pending reports with more of them; only the last report of each version counts. */
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
  return [...byVersion.values()].slice(-MOST_REPORTS)
}

/** The distinct ones of `all` that are not in `kept`. */
export function leftovers(all: readonly Leftover[], kept: readonly Pick<Deployment, 'config'>[]): Leftover[] {
  const byConfig = new Map(all.map(({ config, packed }) => [config, { config, packed }]))
  for (const { config } of kept) byConfig.delete(config)
  return [...byConfig.values()]
}
