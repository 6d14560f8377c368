import { leftovers, type DeploymentState, queueReports, type Report, serializeState } from './state.ts'
import { type Desired, isSettled, type ObservedEndpoint, servingOf } from './target.ts'

/**
 * The state with all in it that is due beside deployments, and without what need not be remembered any more; `undefined` where
 * that is nothing. For when there is nothing to deploy, or not yet.
 */
export function withCleanup(observed: Omit<ObservedEndpoint, 'model'>, now: number): DeploymentState | undefined {
  const { desired, state } = observed
  const due = isSettled(observed) ? withoutPending(state, now) : state
  const next = isSettled(observed) && servingOf(observed) !== undefined ? withoutOutdated(due, desired) : due
  const after = afterCleanup({ ...observed, state: next })
  return serializeState(after) === serializeState({ ...state, plan: undefined }) ? undefined : next
}

/** Nothing is on its way any more: what was made for it is deleted, and its version is told. */
function withoutPending({ candidate, ...state }: DeploymentState, now: number): DeploymentState {
  if (candidate === undefined) return state
  return {
    ...state,
    leftovers: leftovers([...(state.leftovers ?? []), candidate], []),
    pendingReports: queueReports(state, abandoned({ ...state, candidate }, now)),
  }
}

/**
 * A failure and a hold are forgotten when the registry says something else than they are about: should it say that again, it is
 * deployed again.
 */
function withoutOutdated({ failed, held, ...state }: DeploymentState, desired: Desired | undefined): DeploymentState {
  return {
    ...state,
    ...(failed !== undefined && failed.config === desired?.config && { failed }),
    ...(held !== undefined && held.heldAgainst === desired?.version && { held }),
  }
}

/**
 * What is remembered once all that is due is done. While nothing of ours serves, only reports are: what was made for something
 * that is still to be deployed is kept.
 */
export function afterCleanup(observed: Pick<ObservedEndpoint, 'endpoint' | 'state'>): DeploymentState {
  const { plan: _done, pendingReports: _told, ...state } = observed.state
  if (servingOf(observed) === undefined) return state
  const { leftovers: _gone, scalingPending: _scaled, ...rest } = state
  return rest
}

/**
 * The version that was on its way, and is not any more: one that serves after all, be it as lake.yml said before, or one that
 * something took the place of. One that was refused says so already.
 */
export function abandoned({ candidate, deployments: [serves] }: DeploymentState, at: number): Report[] {
  if (candidate === undefined || candidate.restore) return []
  const { registered, version, config, refused } = candidate
  if (serves?.version === version && serves.registered === registered)
    return [{ registered, version, config: serves.config, progress: 'deployed', at }]
  return refused === undefined ? [{ registered, version, config, progress: 'superseded', at }] : []
}
