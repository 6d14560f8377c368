import type { Model } from '../../lake/lake.ts'
import type { Endpoint } from '../../sagemaker/sagemaker.ts'
import type { Observation, Start } from '../reaction.ts'
import { type Deployment, leftovers, type Memo, type Pending, type Report, serializeMemo } from './memo.ts'

/** The version that the registry's mark is on, as it would be deployed. */
export interface Desired extends Pick<
  Deployment,
  'config' | 'version' | 'registered' | 'capacity' | 'instance' | 'invocations' | 'packed'
> {}

/** What is to serve: what the registry says, or a deployment that worked. */
export type Target =
  { readonly kind: 'deploy'; readonly desired: Desired } | { readonly kind: 'restore'; readonly deployment: Deployment }

export interface Observed extends Observation {
  readonly model: Model
  /** What was on its way was refused, and its version says so. */
  readonly isRefused?: boolean
  readonly desired?: Desired
  readonly endpoint?: Endpoint
  readonly memo: Memo
}

/** How long after going back to a deployment failed it is tried again, in ms. */
const RESTORE_AGAIN = 15 * 60_000
/** How often an endpoint that somebody else keeps busy is looked at, in ms. */
const BUSY = 60_000

/**
 * What is to serve. What the registry says, unless that is known not to work, or an operator went back from it: then, and
 * where no version has the mark, the deployment that worked last. An endpoint is never left to what failed while there is one
 * that worked, nor without any: not even until something newer serves, which may take long, or be refused.
 *
 * Nothing, where no version has the mark and there is no endpoint either: whoever did both meant it.
 */
export function targetOf({
  desired,
  endpoint,
  memo: { deployments, failed, held },
}: Pick<Observed, 'desired' | 'endpoint' | 'memo'>): Target | undefined {
  if (desired === undefined && endpoint === undefined) return undefined
  const servesNothing = endpoint === undefined || isBroken(endpoint) || endpoint.config === failed?.config
  if (held !== undefined && held.over === desired?.version) {
    const deployment = deployments.find(({ config }) => config === held.to)
    // One that does not come up any more is no reason to serve nothing: it is gone back to from another.
    if (deployment !== undefined && !(servesNothing && deployment.failedAt !== undefined))
      return { kind: 'restore', deployment }
  }
  const [deployment] = deployments.toSorted((a, b) => (a.failedAt ?? 0) - (b.failedAt ?? 0))
  const isWanted = desired !== undefined && desired.config !== failed?.config
  const canRestore = deployment !== undefined && deployment.failedAt === undefined
  if (isWanted && (!servesNothing || !canRestore || deployment.config === desired.config))
    return { kind: 'deploy', desired }
  return deployment === undefined ? undefined : { kind: 'restore', deployment }
}

/** It serves nothing, or also what was to be taken back (DescribeEndpoint, EndpointStatus). */
function isBroken({ status }: Endpoint): boolean {
  return ['Failed', 'OutOfService', 'UpdateRollbackFailed'].includes(status)
}

export function configOf(target: Target): string {
  return target.kind === 'deploy' ? target.desired.config : target.deployment.config
}

/** Pure. An endpoint is let be while something is under way with it: what was promoted meanwhile is found when that ends. */
export function decide(observed: Observed, now: number): Start {
  const { endpoint } = observed
  const left = housekeeping(observed)
  if (left !== undefined) return left.isEmpty ? { kind: 'wait', until: Infinity } : { kind: 'start' }
  const target = targetOf(observed)
  if (target === undefined) return { kind: 'wait', until: Infinity }
  if (endpoint !== undefined && isBusy(endpoint) && !isTaking(endpoint, configOf(target)))
    return { kind: 'wait', until: now + BUSY }
  const again = target.kind === 'restore' ? (target.deployment.failedAt ?? -Infinity) + RESTORE_AGAIN : -Infinity
  if (again > now) return { kind: 'wait', until: again }
  return { kind: 'start', memo: serializeMemo(claimed(target, observed, now)) }
}

/**
 * What is to be remembered once all that is left to do beside a deployment is done; `undefined` where there is a deployment to
 * be done. `isEmpty`: nothing is left.
 */
export function housekeeping(
  observed: Pick<Observed, 'desired' | 'endpoint' | 'memo'>,
): { readonly memo: Memo; readonly isEmpty: boolean } | undefined {
  const { desired, endpoint, memo } = observed
  const target = targetOf(observed)
  if (target !== undefined) {
    const config = configOf(target)
    const serves = endpoint?.status === 'InService' && endpoint.config === config && endpoint.pending === undefined
    if (!serves || memo.deployments[0]?.config !== config) return undefined
  }
  const after = target === undefined ? withoutTarget(memo) : inPlace(desired, memo)
  return { memo: after, isEmpty: serializeMemo(after) === serializeMemo(memo) }
}

/** Nothing is on its way any more; what was made for it is taken away once something serves. */
function withoutTarget({ pending, leftovers: left = [], untold: _told, ...memo }: Memo): Memo {
  return { ...memo, leftovers: leftovers([...left, ...(pending === undefined ? [] : [pending])], []) }
}

/**
 * What is remembered once what is to serve does. A failure and a hold are forgotten when the registry says something else than
 * they are about: should it say that again, it is deployed again.
 */
function inPlace(desired: Desired | undefined, { failed, held, deployments }: Memo): Memo {
  return {
    deployments,
    ...(failed !== undefined && failed.config === desired?.config && { failed }),
    ...(held !== undefined && held.over === desired?.version && { held }),
  }
}

/** The endpoint serves the configuration, or is on its way there. */
export function isTaking({ status, config, pending }: Endpoint, wanted: string): boolean {
  if (pending !== undefined) return pending === wanted && status !== 'RollingBack'
  return config === wanted && (status === 'InService' || status === 'Creating')
}

/** SageMaker takes no update now (DescribeEndpoint, EndpointStatus). */
export function isBusy({ status }: Endpoint): boolean {
  return ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting'].includes(status)
}

/** From here on it is known what is being made, so that it can be taken away, whatever becomes of whoever makes it. */
function claimed(target: Target, { memo, version, isRefused }: Observed, now: number): Memo {
  const { pending: before, leftovers: left = [], untold = [] } = memo
  const about =
    target.kind === 'deploy' ? { ...target.desired, number: version, restore: false } : restoring(target.deployment)
  const pending: Pending = {
    ...about,
    since: before?.config === about.config ? before.since : now,
  }
  const made = before === undefined ? left : [...left, before]
  // A deployment of the same version says that it is on its way again; going back to it says nothing before it is there.
  const isToldAgain = before?.version === about.version && !about.restore
  const superseded = isToldAgain ? [] : abandoned(memo, now, isRefused)
  return { ...memo, pending, leftovers: leftovers(made, [pending]), untold: [...untold, ...superseded] }
}

/**
 * The version that was on its way, and is not any more: one that serves after all, be it as lake.yml said before, or one that
 * something took the place of. One that was refused says so already.
 */
export function abandoned({ pending, deployments: [serves] }: Memo, at: number, isRefused = false): Report[] {
  if (pending === undefined || pending.restore) return []
  const { registered, version, config } = pending
  if (serves?.version === version && serves.registered === registered)
    return [{ registered, version, config: serves.config, progress: 'deployed', at }]
  return isRefused ? [] : [{ registered, version, config, progress: 'superseded', at }]
}

function restoring({ at: _at, failedAt: _failed, ...deployment }: Deployment): Omit<Pending, 'since'> {
  return { ...deployment, restore: true }
}
