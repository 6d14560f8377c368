import type { Start } from '../../core/reaction.ts'
import { abandoned, cleanup } from './cleanup.ts'
import {
  type Deployment,
  leftovers,
  type DeploymentState,
  type Pending,
  serializeState,
  queueReports,
} from './state.ts'
import { configOf, isBusy, isMovingTo, type ObservedEndpoint, type Target, targetOf } from './target.ts'

/** How often an endpoint that somebody else keeps busy is looked at, in ms. */
const BUSY = 60_000

/** Pure. An endpoint is let be while something is under way with it: what was promoted meanwhile is found when that ends. */
export function decide(observed: ObservedEndpoint, now: number): Start {
  const { endpoint } = observed
  const left = cleanup(observed, now)
  if (left !== undefined) return left.isEmpty ? { kind: 'wait', until: left.until } : { kind: 'start' }
  const target = targetOf(observed)
  if (target === undefined) return { kind: 'wait', until: Infinity }
  if (endpoint !== undefined && isBusy(endpoint) && !isMovingTo(endpoint, configOf(target)))
    return { kind: 'wait', until: now + BUSY }
  return { kind: 'start', state: serializeState(claimed(target, observed, now)) }
}

/** From here on it is known what is being made, so that it can be taken away, whatever becomes of whoever makes it. */
function claimed(target: Target, { state, version, isRefused }: ObservedEndpoint, now: number): DeploymentState {
  const { pending: before, leftovers: left = [] } = state
  const about =
    target.kind === 'deploy' ? { ...target.desired, number: version, restore: false } : restoring(target.deployment)
  const pending: Pending = {
    ...about,
    since: before?.config === about.config ? before.since : now,
  }
  const made = before === undefined ? left : [...left, before]
  // A deployment of the same version says that it is on its way again; going back to it says nothing before it is there.
  const isToldAgain = before?.version === about.version && !about.restore
  const superseded = isToldAgain ? [] : abandoned(state, now, isRefused)
  return { ...state, pending, leftovers: leftovers(made, [pending]), pendingReports: queueReports(state, superseded) }
}

function restoring({ at: _at, failedAt: _failed, ...deployment }: Deployment): Omit<Pending, 'since'> {
  return { ...deployment, restore: true }
}
