import type { Start } from '../../core/reaction.ts'
import { abandoned, withCleanup } from './cleanup.ts'
import {
  type Deployment,
  leftovers,
  type DeploymentState,
  type Candidate,
  serializeState,
  queueReports,
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

/** How often an endpoint that somebody else keeps busy is looked at, in ms. */
const BUSY = 60_000

/**
 * Pure. Decides what is done next about an endpoint: a deployment, going back to one that worked, or a clean-up. The state of
 * the decision carries the plan, and all that it needs.
 *
 * While SageMaker is at work on the endpoint, nothing is begun: what was promoted meanwhile is found when that ends.
 */
export function decide(observed: Omit<ObservedEndpoint, 'model'>, now: number): Start {
  const { endpoint } = observed
  const next = nextOf(observed, now)
  if (next.kind === 'wait') return next
  if (next.kind === 'clean-up') return { kind: 'start', state: serializeState({ ...next.state, plan: next.kind }) }
  if (endpoint !== undefined && isBusy(endpoint) && !isMovingTo(endpoint, configOf(next)))
    return { kind: 'wait', until: now + BUSY }
  return { kind: 'start', state: serializeState(claimed(next, observed, now)) }
}

/**
 * Pure. Whether the plan that a state carries would be made again by what is observed now: for who takes it over, or has been
 * preparing for long.
 */
export function isStillPlanned(observed: Omit<ObservedEndpoint, 'model'>, now: number): boolean {
  const { plan, candidate } = observed.state
  const next = nextOf(observed, now)
  if (next.kind === 'wait' || next.kind === 'clean-up') return plan === 'clean-up'
  return next.kind === plan && configOf(next) === candidate?.config
}

type Next =
  | Target
  | { readonly kind: 'clean-up'; readonly state: DeploymentState }
  | { readonly kind: 'wait'; readonly until: number }

function nextOf(observed: Omit<ObservedEndpoint, 'model'>, now: number): Next {
  const target = targetOf(observed)
  const until = target === undefined || isSettled(observed) ? Infinity : notBefore(target)
  if (target !== undefined && until <= now) return target
  const state = withCleanup(observed, now)
  return state === undefined ? { kind: 'wait', until } : { kind: 'clean-up', state }
}

/** From here on it is known what is being made, so that it can be deleted, whoever makes it and whatever becomes of that. */
function claimed(target: Target, { state, version }: Omit<ObservedEndpoint, 'model'>, now: number): DeploymentState {
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
  // A deployment of the same version says that it is on its way again; going back to it says nothing before it is there.
  const isToldAgain = before?.version === about.version && !about.restore
  const superseded = isToldAgain ? [] : abandoned(state, now)
  return {
    ...state,
    candidate,
    plan: target.kind,
    leftovers: leftovers(made, [candidate]),
    pendingReports: queueReports(state, superseded),
  }
}

function restoring({ at: _at, failedAt: _failed, ...deployment }: Deployment): Omit<Candidate, 'since'> {
  return { ...deployment, restore: true }
}
