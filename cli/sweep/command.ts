import { InvokeCommand } from '@aws-sdk/client-lambda'
import { distinct } from '../../src/core/distinct.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { cursorKeys } from '../../src/reactions/index.ts'
import { help, readArguments, wholeNumber } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Deployed } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { isPaused } from '../mappings.ts'
import { type Waiting, waitingOn } from '../progress.ts'
import { subjectOf } from '../subjects.ts'
import { counted, list } from '../text.ts'
import { Drain, type QueueState, type SubjectResult, subjectResult, type SweepAnswer, sweepText } from './text.ts'

export const command: Command = {
  summary: 'compares every subject with its source now, and repairs',
  usage: `landfall sweep [SUBJECT] [FILE] [--wait SECONDS] [--stage STAGE] [--json]

  SUBJECT         table/NAME, endpoint/NAME or NAME (default: every subject)
${help.file}
  --wait SECONDS  how long to wait for the reactions (default: 60)
${help.stage}
${help.json}

Does what the schedule does: compares each subject with its source, catches up
on lost events and reverts manual changes. Exits with 1 when a subject is
refused, or was not checked in time.

  landfall sweep flights --stage prod`,

  async run(args, io) {
    const options = readArguments(args, { operands: ['[SUBJECT]'], options: { wait: { type: 'string' } } })
    const wait = 1_000 * wholeNumber('--wait', options.options['wait'] ?? '60')
    return onDeployed(options, io, async (deployed) => {
      const { lake, ledger } = deployed
      const [given] = options.operands
      const subject = given === undefined ? undefined : subjectOf(lake, given)
      const keys = cursorKeys(lake, subject)
      const before = await ledger.cursors(keys)
      const answer = await invoke(deployed, { subject })
      const states = await follow(deployed, distinct(keys.map(({ reaction }) => reaction)), wait, waitingOn(io))
      const after = await ledger.cursors(keys)
      const all = before.map((cursor, i) => subjectResult(cursor, after[i]!, states.get(cursor.reaction) ?? 'busy'))
      if (options.json) io.out(JSON.stringify({ ...answer, subjects: all }, undefined, 2))
      else for (const line of sweepText(answer, all, lake.stage, io.width)) io.out(line)
      const late = distinct(all.filter(({ found }) => found === 'waiting').map(({ reaction }) => reaction))
      if (late.length > 0) {
        io.err(`landfall sweep: timed out after ${wait / 1_000} s; messages still queued for ${list(late)}`)
        io.err(`  Show the backlog: landfall status --stage ${lake.stage}`)
      }
      return all.some(isBad) ? 1 : 0
    })
  },
}

const isBad = ({ found }: SubjectResult): boolean => found === 'refused' || found === 'waiting'

/** @throws Error with what the function threw */
async function invoke({ clients, called }: Deployed, event: object): Promise<SweepAnswer> {
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: called.fn('sweep'), Payload: JSON.stringify(event) }),
  )
  const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null')
  if (FunctionError === undefined) return answer as SweepAnswer
  const { errorMessage = JSON.stringify(answer) } = answer as { errorMessage?: string }
  throw new Error(`the sweep function failed: ${errorMessage}`)
}

const POLL_EVERY: Milliseconds = 500

/** Waits until the queues of the reactions are empty. */
async function follow(
  { queues, mappings, called }: Deployed,
  reactions: readonly string[],
  wait: Milliseconds,
  { now, sleep, progress }: Waiting,
): Promise<ReadonlyMap<string, QueueState>> {
  const states = new Map<string, QueueState>()
  for (const reaction of reactions)
    states.set(reaction, isPaused(await mappings.of(called.fn(reaction))) ? 'paused' : 'busy')
  const drain = new Drain()
  const end = now() + wait
  for (;;) {
    const busy = reactions.filter((reaction) => states.get(reaction) === 'busy')
    if (busy.length === 0 || now() >= end) return states
    const depths = await Promise.all(busy.map((reaction) => queues.depth(called.queue(reaction))))
    for (const [i, reaction] of busy.entries()) {
      drain.see(reaction, depths[i])
      if (drain.isDrained(reaction)) states.set(reaction, 'drained')
    }
    const left = depths.reduce((sum, depth) => sum + (depth?.waiting ?? 0) + (depth?.inFlight ?? 0), 0)
    progress(`${counted(left, 'message')} still queued for ${busy.join(', ')}`)
    await sleep(POLL_EVERY)
  }
}
