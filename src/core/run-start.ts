import { publishOne } from './bus.ts'
import { Refused } from './refused.ts'
import type { Cursor, Run } from './ledger.ts'
import type { LongReaction, Observation, Started, Wake } from './reaction.ts'
import { refuse, save, wakeAt } from './record.ts'
import { endStep, nextStep } from './run-end.ts'
import { isLastStep } from './run.ts'
import type { Pass, Shell } from './shell.ts'

/** How often an answer is recorded again when other workers keep writing the cursor. */
const MAX_WRITES = 5

/** Records the claim, then starts the step. From the claim on, every worker that takes over sends the same token. */
export async function claim<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  wake: Wake,
  cursor: Cursor,
  shell: Shell,
  observed?: O,
): Promise<Pass> {
  const claimed = { ...cursor, run }
  if ((await shell.ledger.save(claimed)) === 'conflict') return { kind: 'conflict', acted: false }
  const current = { ...claimed, revision: claimed.revision + 1 }
  const answer = await callStart(reaction, run, current, shell, observed)
  return recordClaimed(run, current, shell, (latest) => {
    if (answer.kind !== 'refused') return recordAnswer(answer, reaction, run, latest, shell)
    const { refusal, state = latest.state } = answer
    return refuse(refusal, wake, { ...latest, state }, shell, true)
  })
}

async function callStart<O extends Observation>(
  reaction: LongReaction<O>,
  run: Run,
  claimed: Cursor,
  shell: Shell,
  observed: O | undefined,
): Promise<Started> {
  const stillClaimed = async () => {
    const latest = await shell.ledger.cursor(claimed)
    return latest.run?.token === run.token && latest.state === claimed.state
  }
  try {
    return await reaction.start(run, claimed, { observed, stillClaimed })
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusal: error }
    // Release the lease. Otherwise the queue's next try would find a run in progress, count as done and never be dead-lettered.
    await recordClaimed(run, claimed, shell, (latest) => {
      const released = { ...latest, run: { ...run, until: shell.now() } }
      return save(released, { kind: 'running', cursor: released }, shell)
    })
    throw error
  }
}

async function recordAnswer<O extends Observation>(
  answer: Exclude<Started, { kind: 'refused' }>,
  reaction: LongReaction<O>,
  run: Run,
  { refusal: _over, ...latest }: Cursor,
  shell: Shell,
): Promise<Pass> {
  const { run: _claim, ...free } = latest
  switch (answer.kind) {
    case 'started': {
      for (const fact of answer.facts ?? []) await publishOne(shell.bus, fact)
      const started = { ...latest, run: { ...run, externalId: answer.externalId } }
      const { firstPoll } = reaction.pace
      if (firstPoll === undefined)
        return save(started, { kind: 'again', last: { kind: 'running', cursor: started } }, shell)
      return wakeAt(shell.now() + firstPoll, { kind: 'running', cursor: started }, started, shell, true)
    }
    // The lease is released, so that an event before `until` can start it at once.
    case 'later': {
      const released = { ...latest, run: { ...run, until: shell.now() } }
      return wakeAt(answer.until, { kind: 'running', cursor: released }, released, shell, true)
    }
    // The decision was out of date. That counts as a lost race, so it cannot repeat without end.
    case 'nothing':
      return save(free, { kind: 'conflict', acted: false }, shell)
    case 'done': {
      const { state } = answer
      if (!isLastStep(run)) return nextStep(run, { ...latest, state }, shell)
      const next = { ...free, state }
      return save(next, { kind: 'again', last: { kind: 'done', cursor: next, actions: 1 } }, shell)
    }
    case 'succeeded': {
      const { state = latest.state } = answer
      return endStep(reaction, { kind: 'succeeded' }, run, { ...latest, state }, shell)
    }
    case 'failed':
      return endStep(reaction, answer, run, latest, shell)
  }
}

/**
 * Records what became of a claim. Meanwhile other workers may record their next wake-up, which changes the revision but not the
 * claim. The write is then repeated; otherwise the started run would stay unknown until its lease expires.
 */
async function recordClaimed(
  { token }: Run,
  claimed: Cursor,
  shell: Shell,
  record: (latest: Cursor) => Promise<Pass>,
): Promise<Pass> {
  let latest = claimed
  for (let writes = 1; ; writes++) {
    const pass = await record(latest)
    if (pass.kind !== 'conflict' || writes === MAX_WRITES) return pass
    latest = await shell.ledger.cursor(claimed)
    if (latest.run?.token !== token || latest.run.externalId !== undefined) return pass
  }
}
