import type { Start } from '../../core/reaction.ts'
import type { EpochMs, Milliseconds } from '../../core/time.ts'
import { supersededReports, withCleanup } from './cleanup.ts'
import {
  type Candidate,
  type Deployment,
  type DeploymentState,
  leftovers,
  queueReports,
  serializeState,
} from './state.ts'
import {
  configOf,
  isBusy,
  isMovingTo,
  isSettled,
  notBefore,
  type ObservedEndpoint,
  type Target,
  targetOf,
} from './target.ts'

/** How often an endpoint is observed while somebody else updates it. */
const BUSY: Milliseconds = 60_000

/**
 * Pure. Decides the next action: a deployment, a restore of one that worked, or a clean-up. The state of the decision records
 * the plan and everything it needs.
 *
 * Nothing is started while SageMaker is updating the endpoint. A promotion in the meantime is found when that ends.
 */
export function decide(observed: Omit<ObservedEndpoint, 'model'>, now: EpochMs): Start {
  const { endpoint } = observed
  const next = nextOf(observed, now)
  if (next.kind === 'wait') return next
  if (next.kind === 'clean-up') return { kind: 'start', state: serializeState({ ...next.state, plan: next.kind }) }
  if (endpoint !== undefined && isBusy(endpoint) && !isMovingTo(endpoint, configOf(next)))
    return { kind: 'wait', until: now + BUSY }
  return { kind: 'start', state: serializeState(claimed(next, observed, now)) }
}

/** Pure. Whether the recorded plan would be made again from a new observation. */
export function isStillPlanned(observed: Omit<ObservedEndpoint, 'model'>, now: EpochMs): boolean {
  const { plan, candidate } = observed.state
  const next = nextOf(observed, now)
  if (next.kind === 'wait' || next.kind === 'clean-up') return plan === 'clean-up'
  return next.kind === plan && configOf(next) === candidate?.config
}

type Next =
  | Target
  | { readonly kind: 'clean-up'; readonly state: DeploymentState }
  | { readonly kind: 'wait'; readonly until: EpochMs }

function nextOf(observed: Omit<ObservedEndpoint, 'model'>, now: EpochMs): Next {
  const target = targetOf(observed)
  const until = target === undefined || isSettled(observed) ? Infinity : notBefore(target)
  if (target !== undefined && until <= now) return target
  const state = withCleanup(observed, now)
  return state === undefined ? { kind: 'wait', until } : { kind: 'clean-up', state }
}

/** The candidate is recorded before anything is made for it, so that it can be deleted even if its creator crashes. */
function claimed(target: Target, { state, version }: Omit<ObservedEndpoint, 'model'>, now: EpochMs): DeploymentState {
  const { candidate: before, leftovers: left = [] } = state
  const about =
    target.kind === 'deploy' ? { ...target.desired, number: version, restore: false } : restoring(target.deployment)
  const isSame = before?.config === about.config
  const candidate: Candidate = {
    ...about,
    since: isSame ? before.since : now,
    refused: isSame ? before.refused : undefined,
  }
  const made = before === undefined ? left : [...left, before]
  // A new deployment of the same version sets the tag `deploying` again. A restore sets no tag until it serves.
  const isTaggedAgain = before?.version === about.version && !about.restore
  return {
    ...state,
    candidate,
    plan: target.kind,
    leftovers: leftovers(made, [candidate]),
    pendingReports: queueReports(state, isTaggedAgain ? [] : supersededReports(state, now)),
  }
}

function restoring({ at: _at, failedAt: _failed, ...deployment }: Deployment): Omit<Candidate, 'since'> {
  return { ...deployment, restore: true }
}
