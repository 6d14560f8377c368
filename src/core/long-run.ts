import type { Cursor } from './ledger.ts'
import type { LongReaction, Observation, Start, Wake } from './reaction.ts'
import { advancedCursor, isUnchanged, save, wakeAt } from './record.ts'
import { newClaim, STUCK } from './run.ts'
import { pollRun } from './run-end.ts'
import { claim } from './run-start.ts'
import type { Pass, Shell } from './shell.ts'

/**
 * One pass over a long reaction: claim a run when it is time, start it once, poll it, record its end. Each of these is one
 * conditional write of the cursor, so a pass may be interrupted anywhere and continued by any worker.
 */
export async function advanceRun<O extends Observation>(
  reaction: LongReaction<O>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  const { run, refusal } = cursor
  if (refusal?.code === STUCK) return { kind: 'refused', refusal }
  if (run === undefined) return decideRun(reaction, wake, cursor, shell)
  if (run.externalId !== undefined) return pollRun(reaction, run, cursor, shell)
  const now = shell.now()
  if (run.until > now) return wakeAt(run.until, { kind: 'running', cursor }, cursor, shell)
  return claim(reaction, { ...run, until: now + reaction.pace.lease }, wake, cursor, shell)
}

async function decideRun<O extends Observation>(
  reaction: LongReaction<O>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  const now = shell.now()
  const observed = await reaction.observe(wake, cursor)
  if (observed === undefined) return { kind: 'idle', cursor }
  const decision = reaction.decide(observed, now)
  switch (decision.kind) {
    case 'wait':
      if (decision.until === Infinity) return idle(cursor, shell)
      return wakeAt(decision.until, { kind: 'idle', cursor }, cursor, shell)
    case 'skip': {
      const next = advancedCursor(cursor, observed, cursor.state, now)
      if (isUnchanged(cursor, next)) return { kind: 'idle', cursor }
      return save(next, { kind: 'done', cursor: next, actions: 0 }, shell)
    }
    case 'start': {
      const { state = cursor.state } = decision
      const run = newClaim({ ...observed, ...stepsOf(decision) }, 1, now + reaction.pace.lease, cursor, shell)
      return claim(reaction, run, wake, { ...cursor, state }, shell, observed)
    }
  }
}

/** A run of one step is stored without its steps. */
function stepsOf({ steps = 1 }: Extract<Start, { kind: 'start' }>) {
  if (!Number.isSafeInteger(steps) || steps < 1) throw new RangeError(`a run has 1 step or more, not ${steps}`)
  return steps === 1 ? { step: undefined, steps: undefined } : { step: 0, steps }
}

/** There is nothing to do, so an earlier refusal no longer matters. */
async function idle(cursor: Cursor, shell: Shell): Promise<Pass> {
  const { refusal, ...rest } = cursor
  return refusal === undefined ? { kind: 'idle', cursor } : save(rest, { kind: 'idle', cursor: rest }, shell)
}
