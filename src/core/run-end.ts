import { publishOne } from './bus.ts'
import { reasonText, Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'
import type { Ended, EndOfRun, LongReaction, Observation, Pace, RunStatus } from './reaction.ts'
import { advancedCursor, refuse, save, wakeAt } from './record.ts'
import { isLastStep, newClaim, runDetail, stuck } from './run.ts'
import type { Pass, Shell } from './shell.ts'
import type { Milliseconds } from './time.ts'

/** The code of a refusal by `status`: the outside system has no such run. */
const FORGOTTEN = 'no-such-run'

export async function pollRun<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  found: Cursor,
  shell: Shell,
): Promise<Pass> {
  const status = await statusOf(reaction, run, found)
  // An earlier poll may have been refused; this one was answered.
  const { refusal, ...cursor } = found
  const { pace } = reaction
  switch (status.kind) {
    case 'running':
      return wakeAt(shell.now() + pace.poll, { kind: 'running', cursor }, cursor, shell, refusal !== undefined)
    case 'skipped':
      return scheduleRetry(run.attempt, run, pace.backOff, cursor, shell)
    case 'succeeded':
    case 'failed':
      return endStep(reaction, status, run, cursor, shell)
  }
}

/**
 * A run that the outside system has forgotten has failed, or it would be polled for ever. When the poll is refused for
 * another reason, nothing is known: the run may still be running.
 */
async function statusOf<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  cursor: Cursor,
): Promise<RunStatus> {
  try {
    return await reaction.status(run, cursor)
  } catch (error) {
    if (error instanceof Refused && error.code === FORGOTTEN) return { kind: 'failed', reason: error.message }
    throw error
  }
}

/** What follows the end of a step: the next step, another attempt, or the end of the run. */
export async function endStep<O extends Observation>(
  reaction: LongReaction<O>,
  status: EndOfRun,
  run: Run,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  if (status.kind === 'succeeded' && !isLastStep(run)) return nextStep(run, cursor, shell)
  const ended = (await reaction.end?.(run, status, cursor)) ?? {}
  await publishEnd(status, ended, run, cursor, shell)
  if (status.kind === 'failed' && ended.final !== true)
    return retryOrGiveUp(status.reason, run, cursor, reaction.pace, shell)
  const next = advancedCursor(cursor, run, ended.state ?? cursor.state, shell.now())
  return save(next, { kind: 'again', last: { kind: 'done', cursor: next, actions: 1 } }, shell)
}

/** Records the next step as a claim without a lease, so that any worker can start it at once, should this one crash. */
export async function nextStep(run: Run, cursor: Cursor, shell: Shell): Promise<Pass> {
  const part = { ...run, step: (run.step ?? 0) + 1 }
  const next = { ...cursor, run: newClaim(part, 1, shell.now(), cursor, shell) }
  return save(next, { kind: 'again', last: { kind: 'running', cursor: next } }, shell)
}

/** Published before it is recorded: a crash in between publishes twice rather than never. */
async function publishEnd(
  status: EndOfRun,
  { facts = [] }: Ended,
  run: Run,
  cursor: Cursor,
  shell: Shell,
): Promise<void> {
  const detail = runDetail(run, cursor, shell)
  await publishOne(
    shell.bus,
    status.kind === 'succeeded'
      ? { type: 'Run Succeeded', detail }
      : { type: 'Run Failed', detail: { ...detail, reason: reasonText(status.reason) } },
  )
  for (const fact of facts) await publishOne(shell.bus, fact)
}

/** After the last attempt the run is stuck until an operator lifts it. */
function retryOrGiveUp(reason: string, run: Run, cursor: Cursor, pace: Pace, shell: Shell): Promise<Pass> {
  if (run.attempt < pace.attempts)
    return scheduleRetry(run.attempt + 1, run, pace.backOff * 4 ** (run.attempt - 1), cursor, shell)
  const wake = { subject: cursor.subject, version: run.version }
  return refuse(stuck(run, reason, cursor, shell), wake, cursor, shell, true)
}

/** The same step under another token, not before `delay` has passed. */
async function scheduleRetry(
  attempt: number,
  step: Run,
  delay: Milliseconds,
  cursor: Cursor,
  shell: Shell,
): Promise<Pass> {
  const until = shell.now() + delay
  const next = { ...cursor, run: newClaim(step, attempt, until, cursor, shell) }
  return wakeAt(until, { kind: 'running', cursor }, next, shell, true)
}
