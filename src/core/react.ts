import { Refused } from './refused.ts'
import type { Cursor } from './ledger.ts'
import type { LongReaction, Observation, Reaction, Wake } from './reaction.ts'
import { advancedCursor, refuse, refuseParts, isUnchanged } from './record.ts'
import { advanceRun } from './long-run.ts'
import type { Pass, ReactResult, Shell } from './shell.ts'

/** How often a lost race is run again before the queue is left to do it. */
const ATTEMPTS = 5

/** Passes of one invocation; then the queue retries. */
const MAX_PASSES = 20

/** Lost races, or looks, without end: somebody else keeps changing the same thing. The queue tries again, later. */
export class ConflictError extends Error {
  override readonly name = 'Contended'
}

/**
 * Carries out a reaction on one subject: observe, decide, act, record. Safe to call at any time, any number of times, by
 * any number of workers: whatever is true when it looks decides, and the cursor moves only from where it was observed.
 *
 * @throws {ConflictError} when it lost the race {@link ATTEMPTS} times, or found something else to do {@link MAX_PASSES} times; and
 * whatever a call threw that may succeed later.
 */
export async function react<O extends Observation, A>(
  reaction: Reaction<O, A> | LongReaction<O>,
  wake: Wake,
  shell: Shell,
): Promise<ReactResult> {
  const key = { subject: wake.subject, reaction: reaction.name }
  let full = wake.full === true
  let best: ReactResult | undefined
  let lost = 0
  for (let passes = 0; lost < ATTEMPTS && passes < MAX_PASSES; passes++) {
    const cursor = await shell.ledger.cursor(key)
    const pass = await reconcile(reaction, { ...wake, full }, cursor, shell)
    if (pass.kind === 'again') best = pass.last
    else if (pass.kind !== 'conflict') return pass.kind === 'idle' ? (best ?? pass) : pass
    else {
      // What was done before the race was lost may have undone what the winner did, and the winner's cursor hides that.
      full ||= pass.acted
      lost++
    }
  }
  // A run of many quick steps is no failure: another invocation goes on with it.
  if (lost < ATTEMPTS && best?.kind === 'running' && best.cursor.run?.steps !== undefined) {
    await shell.wakeLater({ subject: wake.subject }, 0)
    return best
  }
  throw new ConflictError(
    lost < ATTEMPTS
      ? `${wake.subject}: ${reaction.name} found something else at each of ${MAX_PASSES} passes; the next try may find it settled`
      : `${wake.subject}: ${reaction.name} lost the race ${ATTEMPTS} times in a row; the next try may win`,
  )
}

async function reconcile<O extends Observation, A>(
  reaction: Reaction<O, A> | LongReaction<O>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  try {
    return 'start' in reaction
      ? await advanceRun(reaction, wake, cursor, shell)
      : await carryOut(reaction, wake, cursor, shell)
  } catch (error) {
    if (error instanceof Refused) return refuse(error, wake, cursor, shell)
    throw error
  }
}

async function carryOut<O extends Observation, A>(
  reaction: Reaction<O, A>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  const observed = await reaction.observe(wake, cursor)
  if (observed === undefined) return { kind: 'idle', cursor }
  const { actions, state, refused = [] } = reaction.decide(observed, cursor)
  let acted = 0
  for (const action of actions) {
    const outcome = await reaction.act(action)
    if (outcome.kind === 'conflict') return { kind: 'conflict', acted: acted > 0 }
    acted++
  }
  await refuseParts(refused, { subject: wake.subject, reaction: reaction.name, version: observed.version }, shell)
  const next = advancedCursor(cursor, observed, state, shell.now())
  if (acted === 0 && isUnchanged(cursor, next)) return { kind: 'idle', cursor }
  const saved = await shell.ledger.save(next)
  return saved === 'saved' ? { kind: 'done', cursor: next, actions: acted } : { kind: 'conflict', acted: acted > 0 }
}
