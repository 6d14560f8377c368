/** What is due beside deployments. Pure; `run-cleanup.ts` carries it out. */
import type { EpochMs } from '../../core/time.ts'
import { leftovers, type DeploymentState, queueReports, type Report, serializeState } from './state.ts'
import { type Desired, isSettled, type ObservedEndpoint, servingOf } from './target.ts'

/**
 * The state with everything that is due added and everything outdated removed; `undefined` if nothing changes. For when there
 * is nothing to deploy, or not yet.
 */
export function withCleanup(observed: Omit<ObservedEndpoint, 'model'>, now: EpochMs): DeploymentState | undefined {
  const { desired, state } = observed
  const due = isSettled(observed) ? withoutCandidate(state, now) : state
  const next = isSettled(observed) && servingOf(observed) !== undefined ? withoutOutdated(due, desired) : due
  const after = afterCleanup({ ...observed, state: next })
  return serializeState(after) === serializeState({ ...state, plan: undefined }) ? undefined : next
}

/** The candidate is no longer wanted: what was made for it is deleted, and its version is tagged. */
function withoutCandidate({ candidate, ...state }: DeploymentState, now: EpochMs): DeploymentState {
  if (candidate === undefined) return state
  return {
    ...state,
    leftovers: leftovers([...(state.leftovers ?? []), candidate], []),
    pendingReports: queueReports(state, supersededReports({ ...state, candidate }, now)),
  }
}

/**
 * A failure and a hold are forgotten once the registry asks for something else. If it asks for the failed version again, that
 * is deployed again.
 */
function withoutOutdated({ failed, held, ...state }: DeploymentState, desired: Desired | undefined): DeploymentState {
  return {
    ...state,
    failed: failed?.config === desired?.config ? failed : undefined,
    held: held?.heldAgainst === desired?.version ? held : undefined,
  }
}

/**
 * The state once everything due is done. While none of our deployments serves, only the reports are done: the leftovers may
 * belong to what is still to be deployed.
 */
export function afterCleanup(observed: Pick<ObservedEndpoint, 'endpoint' | 'state'>): DeploymentState {
  const { plan: _done, pendingReports: _written, ...state } = observed.state
  if (servingOf(observed) === undefined) return state
  const { leftovers: _deleted, scalingPending: _set, ...rest } = state
  return rest
}

/**
 * The last report on a candidate that is no longer wanted. If its version serves already, in the configuration that lake.yml asked for
 * before, the version is still `deployed`. A refused version keeps that tag.
 */
export function supersededReports({ candidate, deployments: [serving] }: DeploymentState, at: EpochMs): Report[] {
  if (candidate === undefined || candidate.restore) return []
  const { registered, version, config, refused } = candidate
  if (serving?.version === version && serving.registered === registered)
    return [{ registered, version, config: serving.config, progress: 'deployed', at }]
  return refused === undefined ? [{ registered, version, config, progress: 'superseded', at }] : []
}
