import { publishOne } from './bus.ts'
import { reasonText, Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'
import type { ReactResult, Shell, Step } from './shell.ts'
import type { Ended, EndOfRun, LongReaction, Observation, Pace, RunStatus, Started, Wake } from './reaction.ts'
import { advancedCursor, refuse, isUnchanged } from './record.ts'

/** The code of a refusal that only an operator lifts: `landfall replay` does. */
export const STUCK = 'stuck'
/** The code of a refusal to tell how a run stands, where the outside system has forgotten it. */
const FORGOTTEN = 'no-such-run'

/** A wake-up that comes a moment early, by a clock that is ahead, must not be taken for one that is still to come. */
const CLOCK_SKEW = 1_500
/** The longest that SQS holds a message back (SendMessage, DelaySeconds). Whoever is woken early looks, and waits again. */
const LONGEST_DELAY = 900_000
/** How often the same is recorded when others keep writing. */
const RECORDS = 5

/**
 * One look at a long reaction: begin a run when it is time, start it once, ask after it, record its end. Every step is one
 * conditional write, so it may be interrupted anywhere and carried on by anyone.
 */
export async function advanceRun<O extends Observation>(
  reaction: LongReaction<O>,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Step> {
  const { run, refusal } = cursor
  if (refusal?.code === STUCK) return { kind: 'refused', refusal }
  if (run?.externalId !== undefined) return pollRun(reaction, run, cursor, shell)
  const now = shell.now()
  if (run !== undefined) {
    if (run.until > now) return wakeAt(run.until, { kind: 'running', cursor }, cursor, shell)
    return claim(reaction, { ...run, until: now + reaction.pace.lease }, wake, cursor, shell)
  }
  const observed = await reaction.observe(wake, cursor)
  if (observed === undefined) return { kind: 'idle', cursor }
  const { version, committed } = observed
  const decision = reaction.decide(observed, now)
  if (decision.kind === 'wait' && decision.until === Infinity) return idle(cursor, shell)
  if (decision.kind === 'wait') return wakeAt(decision.until, { kind: 'idle', cursor }, cursor, shell)
  if (decision.kind === 'skip') {
    const next = advancedCursor(cursor, observed, cursor.state, now)
    return isUnchanged(cursor, next)
      ? { kind: 'idle', cursor }
      : save(next, { kind: 'done', cursor: next, actions: 0 }, shell)
  }
  const attempt = { version, committed, attempt: 1, until: now + reaction.pace.lease }
  const { state = cursor.state } = decision
  const claimant = state === undefined ? cursor : { ...cursor, state }
  return claim(reaction, { ...attempt, token: tokenOf(attempt, cursor, shell) }, wake, claimant, shell)
}

/** There is nothing to do: what was refused is not in the way of anything any more. */
async function idle(cursor: Cursor, shell: Shell): Promise<Step> {
  const { refusal, ...rest } = cursor
  return refusal === undefined ? { kind: 'idle', cursor } : save(rest, { kind: 'idle', cursor: rest }, shell)
}

/** The revision is in it, so that a range that is run again on purpose is another run. */
function tokenOf(
  { version, attempt }: Pick<Run, 'version' | 'attempt'>,
  cursor: Cursor,
  { digest, lake }: Shell,
): string {
  return digest(
    JSON.stringify([lake, cursor.subject, cursor.reaction, cursor.version, version, attempt, cursor.revision]),
  )
}

/** Recorded before anything is started: from here on, whoever carries on sends the same token. */
async function claim<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
): Promise<Step> {
  const claimed = { ...cursor, run }
  if ((await shell.ledger.save(claimed)) === 'conflict') return { kind: 'conflict', acted: false }
  const current = { ...claimed, revision: claimed.revision + 1 }
  const began = await callStart(reaction, run, current, shell)
  return recordClaimed(run, current, shell, (latest) => {
    if (began.kind !== 'refused') return afterStart(began, reaction, run, latest, shell)
    const { refusal, state = latest.state } = began
    return refuse(refusal, wake, state === undefined ? latest : { ...latest, state }, shell, true)
  })
}

async function callStart<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  claimed: Cursor,
  shell: Shell,
): Promise<Started> {
  try {
    return await reaction.start(run, claimed, async () => {
      const latest = await shell.ledger.cursor(claimed)
      return latest.run?.token === run.token && latest.state === claimed.state
    })
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusal: error }
    // Let go of: under a lease that still runs, the next try of the same message would be taken for done, and never given up.
    await recordClaimed(run, claimed, shell, (latest) => {
      const free = { ...latest, run: { ...run, until: shell.now() } }
      return save(free, { kind: 'running', cursor: free }, shell)
    })
    throw error
  }
}

async function afterStart<O extends Observation>(
  began: Exclude<Started, { kind: 'refused' }>,
  reaction: LongReaction<O>,
  run: Run,
  { refusal: _over, ...latest }: Cursor,
  shell: Shell,
): Promise<Step> {
  switch (began.kind) {
    case 'started': {
      for (const fact of began.facts ?? []) await publishOne(shell.bus, fact)
      const started = { ...latest, run: { ...run, externalId: began.externalId } }
      return save(started, { kind: 'again', last: { kind: 'running', cursor: started } }, shell)
    }
    // Let go of, so that whoever is told of its end goes on at once; else it is looked at again by then.
    case 'later': {
      const free = { ...latest, run: { ...run, until: shell.now() } }
      return wakeAt(began.until, { kind: 'running', cursor: free }, free, shell, true)
    }
    // What it was for changed between the look and the start, as in any lost race: it is looked at again, not without end.
    case 'nothing': {
      const { run: _none, ...rest } = latest
      return save(rest, { kind: 'conflict', acted: false }, shell)
    }
    case 'done': {
      const { run: _over, ...rest } = latest
      const next = { ...rest, state: began.state }
      return save(next, { kind: 'again', last: { kind: 'done', cursor: next, actions: 1 } }, shell)
    }
    case 'failed':
      return finishRun(reaction, began, run, latest, shell)
  }
}

/**
 * Records what became of a claim. Others who look while it starts note when they look again, which moves the revision and
 * not the claim: a race lost to them is run again, or nobody would know of the run until its lease is over.
 */
async function recordClaimed(
  { token }: Run,
  claimed: Cursor,
  shell: Shell,
  record: (latest: Cursor) => Promise<Step>,
): Promise<Step> {
  let latest = claimed
  for (let lost = 1; ; lost++) {
    const step = await record(latest)
    if (step.kind !== 'conflict' || lost === RECORDS) return step
    latest = await shell.ledger.cursor(claimed)
    if (latest.run?.token !== token || latest.run.externalId !== undefined) return step
  }
}

async function pollRun<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  found: Cursor,
  shell: Shell,
): Promise<Step> {
  const status = await statusOf(reaction, run, found)
  const { refusal: unheard, ...cursor } = found
  const { pace } = reaction
  switch (status.kind) {
    case 'running':
      return wakeAt(shell.now() + pace.poll, { kind: 'running', cursor }, cursor, shell, unheard !== undefined)
    case 'skipped':
      return scheduleRetry(run.attempt, run, pace.backOff, cursor, shell)
    case 'succeeded':
    case 'failed':
      return finishRun(reaction, status, run, cursor, shell)
  }
}

/** The end of a run: told, recorded, and looked past at once. */
async function finishRun<O extends Observation>(
  reaction: LongReaction<O>,
  status: EndOfRun,
  run: Run,
  cursor: Cursor,
  shell: Shell,
): Promise<Step> {
  const ended = (await reaction.end?.(run, status, cursor)) ?? {}
  await publishRunEnd(status, ended, run, cursor, shell)
  if (status.kind === 'failed' && ended.final !== true)
    return retryOrGiveUp(status.reason, run, cursor, reaction.pace, shell)
  const next = advancedCursor(cursor, run, ended.state ?? cursor.state, shell.now())
  return save(next, { kind: 'again', last: { kind: 'done', cursor: next, actions: 1 } }, shell)
}

async function publishRunEnd(
  status: EndOfRun,
  { facts = [] }: Ended,
  run: Run,
  cursor: Cursor,
  shell: Shell,
): Promise<void> {
  const detail = factOf(run, cursor, shell)
  await publishOne(
    shell.bus,
    status.kind === 'succeeded'
      ? { type: 'Run Succeeded', detail }
      : { type: 'Run Failed', detail: { ...detail, reason: reasonText(status.reason) } },
  )
  for (const fact of facts) await publishOne(shell.bus, fact)
}

/** Sent again after a while or, after the last attempt, left to an operator. */
function retryOrGiveUp(reason: string, run: Run, cursor: Cursor, pace: Pace, shell: Shell): Promise<Step> {
  if (run.attempt < pace.attempts)
    return scheduleRetry(run.attempt + 1, run, pace.backOff * 4 ** (run.attempt - 1), cursor, shell)
  const wake = { subject: cursor.subject, version: run.version }
  return refuse(stuck(run, reason, cursor, shell), wake, cursor, shell, true)
}

/**
 * A run that the outside system does not know anymore has failed; it is not asked after for ever. Whoever may not ask
 * knows nothing of it: it may be at work.
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

/** The same versions under another token, not before `delay` ms from now. */
async function scheduleRetry(
  attempt: number,
  { version, committed }: Run,
  delay: number,
  cursor: Cursor,
  shell: Shell,
): Promise<Step> {
  const until = shell.now() + delay
  const run = { version, committed, attempt, until, token: tokenOf({ version, attempt }, cursor, shell) }
  return wakeAt(until, { kind: 'running', cursor }, { ...cursor, run }, shell, true)
}

function stuck(run: Run, reason: string, { subject, reaction, version }: Cursor, { stage }: Shell): Refused {
  return new Refused(
    STUCK,
    `${reaction} failed ${run.attempt} times on the versions ${version + 1} to ${run.version}: ${reason}`,
    {
      subject,
      found: reason,
      advice: `Mend the cause, then: landfall replay ${subject.replace(/^table\//, '')} --from ${version + 1} --stage ${stage}`,
    },
  )
}

function factOf(run: Run, cursor: Cursor, { lake }: Shell) {
  const { subject, reaction, version: after } = cursor
  return {
    lake,
    subject,
    reaction,
    after,
    version: run.version,
    attempt: run.attempt,
    externalId: run.externalId ?? '',
  }
}

/** Sent before it is recorded: a crash between the two sends it twice, and never not at all. */
async function wakeAt(
  until: number,
  answer: ReactResult,
  cursor: Cursor,
  shell: Shell,
  changed = false,
): Promise<Step> {
  const now = shell.now()
  const at = Math.min(until, now + LONGEST_DELAY)
  const isOnItsWay = cursor.wakeAt !== undefined && cursor.wakeAt > now + CLOCK_SKEW && cursor.wakeAt <= at
  if (isOnItsWay && !changed) return answer
  if (!isOnItsWay) await shell.wakeLater({ subject: cursor.subject }, Math.max(0, at - now))
  return save({ ...cursor, wakeAt: isOnItsWay ? cursor.wakeAt : at }, answer, shell)
}

async function save(next: Cursor, answer: Step, shell: Shell): Promise<Step> {
  return (await shell.ledger.save(next)) === 'saved' ? answer : { kind: 'conflict', acted: false }
}
