import { leftovers, type Memo, type Report, serializeMemo } from './state.ts'
import { type Desired, isSettled, notBefore, type Observed, servingOf, targetOf } from './target.ts'

export interface Housekeeping {
  /** What is to be remembered once all that is left to do is done. */
  readonly memo: Memo
  /** Nothing is left. */
  readonly isEmpty: boolean
  /** Before that there is nothing to deploy, in ms since the epoch. */
  readonly until: number
}

/** What is left to do beside deployments; `undefined` where there is one to be done. */
export function housekeeping(
  observed: Pick<Observed, 'desired' | 'endpoint' | 'memo'>,
  now: number,
): Housekeeping | undefined {
  const { desired, memo } = observed
  const target = targetOf(observed)
  const until = target === undefined || isSettled(observed) ? Infinity : notBefore(target)
  if (until <= now) return undefined
  const after =
    target === undefined ? withoutTarget(memo) : until === Infinity ? inPlace(desired, memo) : meanwhile(observed)
  return { memo: after, isEmpty: serializeMemo(after) === serializeMemo(memo), until }
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

/**
 * What is remembered once all is done that what serves is due, while something else is to serve and cannot: a version that is
 * refused, or one that cannot be gone back to. What was made for that is let be.
 */
export function meanwhile(observed: Pick<Observed, 'endpoint' | 'memo'>): Memo {
  const { untold: _told, ...memo } = observed.memo
  if (servingOf(observed) === undefined) return memo
  const { leftovers: _gone, unscaled: _scaled, ...rest } = memo
  return rest
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
