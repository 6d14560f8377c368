import { Refused } from './refused.ts'
import type { Cursor } from './ledger.ts'
import type { LongReaction, Observation, Reaction, Wake } from './reaction.ts'
import { advancedCursor, refuse, refuseParts, isUnchanged } from './record.ts'
import { advanceRun } from './long-run.ts'
import type { Pass, ReactResult, Shell } from './shell.ts'

/** Lost races of one invocation; then the queue retries. */
const MAX_CONFLICTS = 5

/** Passes of one invocation; then the queue retries. */
const MAX_PASSES = 20

/** Something else keeps changing what is reconciled. The queue retries later. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
}

/**
 * Reconciles one subject: observe, decide, act, record. Safe to call at any time, any number of times, by any number of workers:
 * it acts on what is true now, not on what an event said, and the cursor moves only from the revision that was read.
 *
 * @throws {ConflictError} after {@link MAX_CONFLICTS} lost races or {@link MAX_PASSES} passes; and whatever a call threw that may
 * succeed later
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
  let more = false
  for (let passes = 0; lost < MAX_CONFLICTS && passes < MAX_PASSES; passes++) {
    const cursor = await shell.ledger.cursor(key)
    const pass = await reconcile(reaction, { ...wake, full }, cursor, shell)
    if (pass.kind === 'again') [best, more] = [pass.last, pass.more === true]
    else if (pass.kind !== 'conflict') return pass.kind === 'idle' ? (best ?? pass) : pass
    else {
      // What was done before the race was lost may have undone the winner's work, and the winner's cursor hides that.
      full ||= pass.acted
      lost++
    }
  }
  // A long backlog, or a run of many quick steps, is not a failure: another invocation continues it.
  more ||= best?.kind === 'running' && best.cursor.run?.steps !== undefined
  if (lost < MAX_CONFLICTS && more && best !== undefined) {
    await shell.wakeLater({ subject: wake.subject }, 0)
    return best
  }
  throw new ConflictError(
    lost < MAX_CONFLICTS
      ? `${wake.subject}: ${reaction.name} found more to do in each of ${MAX_PASSES} passes; the next try may finish`
      : `${wake.subject}: ${reaction.name} lost the race ${MAX_CONFLICTS} times in a row; the next try may win`,
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
      : await runActions(reaction, wake, cursor, shell)
  } catch (error) {
    if (error instanceof Refused) return refuse(error, wake, cursor, shell)
    throw error
  }
}

async function runActions<O extends Observation, A>(
  reaction: Reaction<O, A>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  const observed = await reaction.observe(wake, cursor)
  if (observed === undefined) return { kind: 'idle', cursor }
  const { actions, state, refused = [], more = false } = reaction.decide(observed, cursor)
  let acted = 0
  for (const action of actions) {
    const outcome = await reaction.act(action)
    if (outcome.kind === 'conflict') return { kind: 'conflict', acted: acted > 0 }
    if (outcome.kind === 'partial') {
      const { reached, cause } = outcome
      // A lost race needs no answer: the winner's cursor stands, and the queue retries.
      await shell.ledger.save(advancedCursor(cursor, reached, reached.state, shell.now()))
      throw cause
    }
    acted++
  }
  await refuseParts(refused, { subject: wake.subject, reaction: reaction.name, version: observed.version }, shell)
  const next = advancedCursor(cursor, observed, state, shell.now())
  if (acted === 0 && isUnchanged(cursor, next)) return { kind: 'idle', cursor }
  const saved = await shell.ledger.save(next)
  if (saved !== 'saved') return { kind: 'conflict', acted: acted > 0 }
  const done: ReactResult = { kind: 'done', cursor: next, actions: acted }
  return more ? { kind: 'again', last: done, more } : done
}
