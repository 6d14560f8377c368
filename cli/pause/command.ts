import { setTimeout as sleep } from 'node:timers/promises'
import { queueNames } from '../../src/reactions/index.ts'
import { readArguments } from '../arguments.ts'
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts'
import { list } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { setPaused } from '../pausing.ts'
import { progressOn } from '../progress.ts'
import { counted } from '../text.ts'

export const command: Command = {
  summary: 'stops a reaction: what lands meanwhile waits in its queue',
  usage: `landfall pause REACTION [FILE] [--stage STAGE] [--json]

  REACTION       catalog, job, deployment, …; or commits or files, which take in what S3 says
  FILE           the lake; lake.yml without it
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Its function gets no more messages until landfall resume; what it is at, it finishes. Messages wait for four days. Safe to
repeat. landfall status shows what is paused.

  landfall pause catalog --stage prod`,
  run: (args, io) => pause(args, true, io),
}

export async function pause(args: readonly string[], paused: boolean, io: Io): Promise<ExitCode> {
  const options = readArguments(args, { operands: ['REACTION'] })
  const [reaction = ''] = options.operands
  return onDeployed(options, io, async ({ lake, called, mappings, queues }) => {
    const known = queueNames(lake)
    if (!known.includes(reaction))
      throw new UsageError(`the lake ${lake.name} has no reaction '${reaction}'; it has ${list(known)}`)
    const progress = progressOn(io, Date.now)
    const switched = await setPaused({ reaction, fn: called.fn(reaction) }, paused, mappings, {
      now: Date.now,
      sleep: (ms) => sleep(ms),
      progress,
    })
    const waiting = (await queues.depth(called.queue(reaction)))?.waiting ?? 0
    if (options.json) io.out(JSON.stringify({ ...switched, waiting }, undefined, 2))
    else io.out(switchedText(switched.changed, reaction, paused, waiting, lake.stage))
    return 0
  })
}

function switchedText(changed: boolean, reaction: string, paused: boolean, waiting: number, stage: string): string {
  if (!paused) return `${reaction} ${changed ? 'runs again' : 'was not paused'}; ${counted(waiting, 'message')} waiting`
  return `${reaction} ${changed ? 'is paused' : 'was paused already'}; ${counted(waiting, 'message')} waiting. To go on: landfall resume ${reaction} --stage ${stage}`
}
