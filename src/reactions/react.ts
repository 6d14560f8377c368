import { type Bus, publishOne } from '../bus/bus.ts'
import { Refused } from '../errors.ts'
import type { Cursor, Ledger, Refusal } from '../ledger/ledger.ts'
import type { Observation, Reaction, Wake } from './reaction.ts'

export interface Shell {
  readonly lake: string
  readonly ledger: Ledger
  readonly bus: Bus
  /** ms since the epoch. */
  now(): number
}

/**
 * - `idle`: there was nothing to do, and nothing was written.
 * - `done`: the cursor now stands at `cursor.version`, after `actions` calls.
 * - `refused`: it can never succeed; recorded and published.
 */
export type Reacted =
  | { readonly kind: 'idle'; readonly cursor: Cursor }
  | { readonly kind: 'done'; readonly cursor: Cursor; readonly actions: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** How often a lost race is run again before the queue is left to do it. */
const ATTEMPTS = 5

/** Lost races without end: somebody else keeps changing the same thing. The queue tries again, later. */
export class Contended extends Error {
  override readonly name = 'Contended'
}

/**
 * Carries out a reaction on one subject: observe, decide, act, record. Safe to call at any time, any number of times, by
 * any number of workers: whatever is true when it looks decides, and the cursor moves only from where it was observed.
 *
 * @throws {Contended} when it lost the race {@link ATTEMPTS} times; and whatever a call threw that may succeed later.
 */
export async function react<O extends Observation, A>(
  reaction: Reaction<O, A>,
  wake: Wake,
  shell: Shell,
): Promise<Reacted> {
  const key = { subject: wake.subject, reaction: reaction.name }
  let thorough = wake.thorough === true
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const cursor = await shell.ledger.cursor(key)
    const step = await carryOut(reaction, { ...wake, thorough }, cursor, shell)
    if (step.kind !== 'lost') return step
    // What was done before the race was lost may have undone what the winner did, and the winner's cursor hides that.
    thorough ||= step.acted
  }
  throw new Contended(
    `${wake.subject}: ${reaction.name} lost the race ${ATTEMPTS} times in a row; the next try may win`,
  )
}

type Step = Reacted | { readonly kind: 'lost'; readonly acted: boolean }

async function carryOut<O extends Observation, A>(
  reaction: Reaction<O, A>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Step> {
  let acted = 0
  try {
    const observed = await reaction.observe(wake, cursor)
    if (observed === undefined) return { kind: 'idle', cursor }
    const { actions, memo } = reaction.decide(observed, cursor)
    for (const action of actions) {
      const outcome = await reaction.act(action)
      if (outcome.kind === 'conflict') return { kind: 'lost', acted: acted > 0 }
      acted++
    }
    const next = recorded(cursor, observed, memo, shell.now())
    if (acted === 0 && stands(cursor, next)) return { kind: 'idle', cursor }
    const saved = await shell.ledger.save(next)
    return saved === 'saved' ? { kind: 'done', cursor: next, actions: acted } : { kind: 'lost', acted: acted > 0 }
  } catch (error) {
    if (error instanceof Refused) return refuse(error, wake, cursor, shell)
    throw error
  }
}

function recorded(cursor: Cursor, observed: Observation, memo: string | undefined, done: number): Cursor {
  const { refusal: _over, memo: _old, ...rest } = cursor
  const next = { ...rest, version: observed.version, committed: observed.committed, done }
  return memo === undefined ? next : { ...next, memo }
}

/** True when writing `next` would tell nobody anything new. */
function stands(cursor: Cursor, next: Cursor): boolean {
  return (
    cursor.revision > 0 && cursor.refusal === undefined && cursor.version === next.version && cursor.memo === next.memo
  )
}

/** Published before it is recorded: a crash between the two publishes it twice, and never not at all. */
async function refuse(error: Refused, wake: Wake, cursor: Cursor, shell: Shell): Promise<Step> {
  const refusal: Refusal = {
    code: error.code,
    reason: error.message,
    ...(error.detail.advice === undefined ? {} : { advice: error.detail.advice }),
    version: wake.version ?? cursor.version,
    since: shell.now(),
  }
  const known = cursor.refusal
  if (known?.code === refusal.code && known.reason === refusal.reason) return { kind: 'refused', refusal: known }
  const { since: _when, ...detail } = refusal
  await publishOne(shell.bus, {
    type: 'Reaction Refused',
    detail: { lake: shell.lake, subject: wake.subject, reaction: cursor.reaction, ...detail },
  })
  const saved = await shell.ledger.save({ ...cursor, refusal })
  return saved === 'saved' ? { kind: 'refused', refusal } : { kind: 'lost', acted: false }
}
