import { setTimeout as sleep } from 'node:timers/promises'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { readArguments, wholeNumber } from '../arguments.ts'
import type { Command, Io } from '../command.ts'
import { type Deployed, subjectOf } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { isPaused } from '../pausing.ts'
import { progressOn } from '../progress.ts'
import { cursorKeys } from '../../src/reactions/index.ts'
import { counted } from '../text.ts'
import { Drain, looked, type Looked, type SweepAnswer, sweepText } from './text.ts'

export const command: Command = {
  summary: 'looks at every subject now, or at one, and says what was found',
  usage: `landfall sweep [SUBJECT] [FILE] [--wait SECONDS] [--stage STAGE] [--json]

  SUBJECT         table/NAME or endpoint/NAME, or its NAME; every subject without it
  FILE            the lake; lake.yml without it
  --wait SECONDS  how long to wait for the reactions to have looked; 60 without it
  --stage STAGE   which deployment of it; dev without it, local for the one that npm start runs
  --json          one JSON document

Does what the schedule does: compares what is outside with what should be, and makes good what was lost or changed by hand.
Exits with 1 when a subject is refused, or had not been looked at in time.

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
      const answer = await invoke(deployed, subject === undefined ? {} : { subject })
      const reactions = [...new Set(keys.map(({ reaction }) => reaction))]
      const states = await follow(deployed, reactions, wait, io)
      const after = await ledger.cursors(keys)
      const all = before.map((cursor, i) => looked(cursor, after[i]!, states.get(cursor.reaction) ?? 'busy'))
      if (options.json) io.out(JSON.stringify({ ...answer, subjects: all }, undefined, 2))
      else for (const line of sweepText(answer, all, io.width)) io.out(line)
      if (all.some(({ found }) => found === 'waiting'))
        io.err(`Some had not looked after ${wait / 1_000} s; landfall status says what waits and what was given up.`)
      return all.some(isBad) ? 1 : 0
    })
  },
}

const isBad = ({ found }: Looked): boolean => found === 'refused' || found === 'waiting'

/** @throws Error with what the function threw */
async function invoke({ clients, called }: Deployed, event: object): Promise<SweepAnswer> {
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: called.fn('sweep'), Payload: JSON.stringify(event) }),
  )
  const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null')
  if (FunctionError === undefined) return answer as SweepAnswer
  const { errorMessage = JSON.stringify(answer) } = answer as { errorMessage?: string }
  throw new Error(`the sweep failed: ${errorMessage}`)
}

/** In ms. */
const LOOK_EVERY = 500

/** Waits until the reactions have taken what woke them out of their queues. */
async function follow(
  { queues, mappings, called }: Deployed,
  reactions: readonly string[],
  wait: number,
  io: Io,
): Promise<ReadonlyMap<string, 'drained' | 'busy' | 'paused'>> {
  const states = new Map<string, 'drained' | 'busy' | 'paused'>()
  for (const reaction of reactions)
    states.set(reaction, isPaused(await mappings.of(called.fn(reaction))) ? 'paused' : 'busy')
  const drain = new Drain()
  const progress = progressOn(io, Date.now)
  const end = Date.now() + wait
  for (;;) {
    const busy = reactions.filter((reaction) => states.get(reaction) === 'busy')
    if (busy.length === 0 || Date.now() >= end) return states
    const depths = await Promise.all(busy.map((reaction) => queues.depth(called.queue(reaction))))
    for (const [i, reaction] of busy.entries()) {
      drain.see(reaction, depths[i])
      if (drain.isDrained(reaction)) states.set(reaction, 'drained')
    }
    const left = depths.reduce((sum, depth) => sum + (depth?.waiting ?? 0) + (depth?.atWork ?? 0), 0)
    progress(`${counted(left, 'message')} left to ${busy.join(', ')}`)
    await sleep(LOOK_EVERY)
  }
}
