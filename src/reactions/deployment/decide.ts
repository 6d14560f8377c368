import type { Start } from '../../core/reaction.ts'
import { abandoned, housekeeping } from './cleanup.ts'
import { type Deployment, leftovers, type Memo, type Pending, serializeMemo, toTell } from './state.ts'
import { configOf, isBusy, isTaking, type Observed, type Target, targetOf } from './target.ts'

/** How often an endpoint that somebody else keeps busy is looked at, in ms. */
const BUSY = 60_000

/** Pure. An endpoint is let be while something is under way with it: what was promoted meanwhile is found when that ends. */
export function decide(observed: Observed, now: number): Start {
  const { endpoint } = observed
  const left = housekeeping(observed, now)
  if (left !== undefined) return left.isEmpty ? { kind: 'wait', until: left.until } : { kind: 'start' }
  const target = targetOf(observed)
  if (target === undefined) return { kind: 'wait', until: Infinity }
  if (endpoint !== undefined && isBusy(endpoint) && !isTaking(endpoint, configOf(target)))
    return { kind: 'wait', until: now + BUSY }
  return { kind: 'start', memo: serializeMemo(claimed(target, observed, now)) }
}

/** From here on it is known what is being made, so that it can be taken away, whatever becomes of whoever makes it. */
function claimed(target: Target, { memo, version, isRefused }: Observed, now: number): Memo {
  const { pending: before, leftovers: left = [] } = memo
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
  return { ...memo, pending, leftovers: leftovers(made, [pending]), untold: toTell(memo, superseded) }
}

function restoring({ at: _at, failedAt: _failed, ...deployment }: Deployment): Omit<Pending, 'since'> {
  return { ...deployment, restore: true }
}
