import { queueNames } from '../../src/reactions/index.ts'
import { readArguments, wholeNumber } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { list } from '../deployed.ts'
import { onDeployed } from '../lake.ts'
import { type GivenUp, reasonsIn, redrive } from './redrive.ts'
import { age, counted, shorten } from '../text.ts'

export const command: Command = {
  summary: 'shows what was given up and why, and sends it back to its queue',
  usage: `landfall redrive [QUEUE] [FILE] [--dry-run] [--max N] [--stage STAGE] [--json]

  QUEUE          commits, files, catalog, job, deployment, …; all of them without it
  FILE           the lake; lake.yml without it
  --dry-run      show them, and leave them where they are
  --max N        at most so many messages
  --stage STAGE  which deployment of it; dev without it, local for the one that npm start runs
  --json         one JSON document

Mend the cause first: what fails again is given up again, after ten tries. No message is lost, whatever breaks; the same work
done twice does no harm.

  landfall redrive catalog --dry-run --stage prod`,

  async run(args, io) {
    const options = readArguments(args, {
      operands: ['[QUEUE]'],
      options: { 'dry-run': { type: 'boolean' }, max: { type: 'string' } },
    })
    const { 'dry-run': dryRun = false, max } = options.options
    const limit = max === undefined ? Infinity : wholeNumber('--max', max)
    return onDeployed(options, io, async ({ lake, called, ledger, queues }) => {
      const names = queuesOf(queueNames(lake), options.operands[0], lake.name)
      const messages: GivenUp[] = []
      const redriven = await redrive(names, queues, {
        dryRun: dryRun === true,
        max: limit,
        queueOf: (name) => called.queue(name),
        reasons: reasonsIn(await ledger.rejections()),
        tell(message) {
          if (options.json) messages.push(message)
          else for (const line of givenUpText(message, Date.now(), io.width)) io.out(line)
        },
      })
      if (options.json) io.out(JSON.stringify({ ...redriven, messages }, undefined, 2))
      else io.out(summary(redriven, dryRun === true))
      return 0
    })
  },
}

function queuesOf(known: readonly string[], given: string | undefined, lake: string): readonly string[] {
  if (given === undefined) return known
  if (known.includes(given)) return [given]
  const hint = given === 'sweep' ? '. What a failed sweep left to do, landfall sweep does' : ''
  throw new UsageError(`the lake ${lake} has no queue '${given}'; it has ${list(known)}${hint}`)
}

function givenUpText({ queue, id, sent, reason, body }: GivenUp, now: number, width: number): string[] {
  return [
    `${queue}: ${id}, sent ${age(now - Date.parse(sent))} ago`,
    `  ${reason ?? 'why is not known: the ledger keeps reasons for 14 days'}`,
    shorten(`  ${body.replaceAll(/\s+/g, ' ')}`, width),
  ]
}

function summary({ found, moved }: { readonly found: number; readonly moved: number }, dryRun: boolean): string {
  if (found === 0) return 'Nothing was given up.'
  if (dryRun) return `\n${counted(found, 'message')} given up. Without --dry-run they go back to their queues.`
  return `\n${counted(moved, 'message')} sent back; landfall status says how it goes on.`
}
