import { leftovers, type DeploymentState, type Report, serializeState } from './state.ts'
import { type Desired, isSettled, notBefore, type ObservedEndpoint, servingOf, targetOf } from './target.ts'

export interface Cleanup {
  /** What is to be remembered once all that is left to do is done. */
  readonly state: DeploymentState
  /** Nothing is left. */
  readonly isEmpty: boolean
  /** Before that there is nothing to deploy, in ms since the epoch. */
  readonly until: number
}

/** What is left to do beside deployments; `undefined` where there is one to be done. */
export function cleanup(
  observed: Pick<ObservedEndpoint, 'desired' | 'endpoint' | 'state'>,
  now: number,
): Cleanup | undefined {
  const { desired, state } = observed
  const target = targetOf(observed)
  const until = target === undefined || isSettled(observed) ? Infinity : notBefore(target)
  if (until <= now) return undefined
  const after =
    target === undefined ? withoutTarget(state) : until === Infinity ? inPlace(desired, state) : afterCleanup(observed)
  return { state: after, isEmpty: serializeState(after) === serializeState(state), until }
}

/** Nothing is on its way any more; what was made for it is taken away once something serves. */
function withoutTarget({
  pending,
  leftovers: left = [],
  pendingReports: _told,
  ...state
}: DeploymentState): DeploymentState {
  return { ...state, leftovers: leftovers([...left, ...(pending === undefined ? [] : [pending])], []) }
}

/**
 * What is remembered once what is to serve does. A failure and a hold are forgotten when the registry says something else than
 * they are about: should it say that again, it is deployed again.
 */
function inPlace(desired: Desired | undefined, { failed, held, deployments }: DeploymentState): DeploymentState {
  return {
    deployments,
    ...(failed !== undefined && failed.config === desired?.config && { failed }),
    ...(held !== undefined && held.heldAgainst === desired?.version && { held }),
  }
}

/**
 * What is remembered once all is done that what serves is due, while something else is to serve and cannot: a version that is
 * refused, or one that cannot be gone back to. What was made for that is let be.
 */
export function afterCleanup(observed: Pick<ObservedEndpoint, 'endpoint' | 'state'>): DeploymentState {
  const { pendingReports: _told, ...state } = observed.state
  if (servingOf(observed) === undefined) return state
  const { leftovers: _gone, scalingPending: _scaled, ...rest } = state
  return rest
}

/**
 * The version that was on its way, and is not any more: one that serves after all, be it as lake.yml said before, or one that
 * something took the place of. One that was refused says so already.
 */
export function abandoned(
  { pending, deployments: [serves] }: DeploymentState,
  at: number,
  isRefused = false,
): Report[] {
  if (pending === undefined || pending.restore) return []
  const { registered, version, config } = pending
  if (serves?.version === version && serves.registered === registered)
    return [{ registered, version, config: serves.config, progress: 'deployed', at }]
  return isRefused ? [] : [{ registered, version, config, progress: 'superseded', at }]
}
