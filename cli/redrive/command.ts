import type { EpochMs } from '../../src/core/time.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { queueNames } from '../../src/reactions/index.ts'
import { help, readArguments, wholeNumber } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { onDeployed } from '../lake.ts'
import { unknownName } from '../subjects.ts'
import { age, counted, shorten } from '../text.ts'
import { type DeadLetter, reasonsIn, redrive, type Redriven } from './redrive.ts'

export const command: Command = {
  summary: 'lists dead-lettered messages with reasons, and requeues them',
  usage: `landfall redrive [QUEUE] [FILE] [--dry-run] [--max N] [--stage STAGE] [--json]

  QUEUE           commits, files, catalog, job, deployment, … (default: all)
${help.file}
  --dry-run       list the messages without requeueing them
  --max N         maximum number of messages (default: no limit)
${help.stage}
${help.json}

Fix the cause first: a message that fails another ten times is dead-lettered
again. No message is lost if the command is interrupted; processing a message
twice is harmless.

  landfall redrive catalog --dry-run --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['[QUEUE]'],
      options: { 'dry-run': { type: 'boolean' }, max: { type: 'string' } },
    })
    const { 'dry-run': dryRun = false, max } = options.options
    const limit = max === undefined ? Infinity : wholeNumber('--max', max)
    return onDeployed(options, io, async ({ lake, called, ledger, queues }) => {
      const messages: DeadLetter[] = []
      const redriven = await redrive(queuesOf(lake, options.operands[0]), queues, {
        dryRun: dryRun === true,
        max: limit,
        queueOf: (name) => called.queue(name),
        reasons: reasonsIn(await ledger.rejections()),
        onMessage(message) {
          if (options.json) messages.push(message)
          else for (const line of messageText(message, Date.now(), io.width)) io.out(line)
        },
      })
      if (options.json) io.out(JSON.stringify({ ...redriven, messages }, undefined, 2))
      else for (const line of summary(redriven, dryRun === true, lake.stage)) io.out(line)
      return 0
    })
  },
}

function queuesOf(lake: Lake, given: string | undefined): readonly string[] {
  const known = queueNames(lake)
  if (given === undefined) return known
  if (known.includes(given)) return [given]
  if (given === 'sweep') throw new UsageError('failed sweeps are not requeued; run landfall sweep instead')
  throw unknownName(lake, 'queue', given, known)
}

function messageText({ queue, id, sent, reason, body }: DeadLetter, now: EpochMs, width: number): string[] {
  return [
    `${queue}: ${id}, sent ${age(now - Date.parse(sent))} ago`,
    `  ${reason ?? 'reason unknown: reasons are kept for 14 days'}`,
    shorten(`  ${body.replaceAll(/\s+/g, ' ')}`, width),
  ]
}

function summary({ found, moved }: Redriven, dryRun: boolean, stage: string): string[] {
  if (found === 0) return ['No dead-lettered messages']
  if (dryRun) return ['', `${counted(found, 'message')} dead-lettered`, '  Run without --dry-run to requeue.']
  return ['', `${counted(moved, 'message')} requeued`, `  Watch the queues: landfall status --stage ${stage}`]
}
