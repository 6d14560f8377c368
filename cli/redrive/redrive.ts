import type { CountedRejection } from '../../src/core/ledger.ts'
import { CommandError } from '../command.ts'
import type { Queues, Received } from '../queues.ts'
import { counted } from '../text.ts'

/** A dead-lettered message, as `landfall redrive --json` prints it. Times are ISO 8601. */
export interface DeadLetter {
  readonly queue: string
  readonly id: string
  readonly sent: string
  /** Null when none was recorded, or it is older than 14 days. */
  readonly reason: string | null
  readonly body: string
}

export interface Redriven {
  readonly found: number
  readonly moved: number
}

interface RedriveOptions {
  /** List the messages only. */
  readonly dryRun: boolean
  /** Limit of messages over all queues. */
  readonly max: number
  /** The queue's name in SQS. */
  queueOf(name: string): string
  readonly reasons: Reasons
  onMessage(message: DeadLetter): void
}

/** Why messages were dead-lettered, by {@link reasonKey}. */
type Reasons = ReadonlyMap<string, string>

/** The reasons that the functions recorded at the last attempt of a message (`src/lambda/batch.ts`). */
export function reasonsIn(rejections: readonly CountedRejection[]): Reasons {
  const gaveUp = rejections.filter(({ code }) => code === 'gave-up')
  return new Map(gaveUp.map(({ source, about, reason }) => [reasonKey(source, about), reason]))
}

const reasonKey = (queue: string, id: string): string => `${queue} ${id}`

/**
 * Moves messages from the dead-letter queues of `names` back to their queues. A message is sent before it is deleted: a
 * crash in between duplicates it rather than losing it, and processing it twice is harmless.
 * @throws {CommandError} when SQS does not accept all messages
 */
export async function redrive(names: readonly string[], queues: Queues, options: RedriveOptions): Promise<Redriven> {
  const total = { found: 0, moved: 0 }
  for (const name of names) {
    const queue = options.queueOf(name)
    if ((await queues.depth(`${queue}-dlq`)) === undefined) continue
    const { found, moved } = await redriveOne(name, queue, queues, { ...options, max: options.max - total.found })
    total.found += found
    total.moved += moved
  }
  return total
}

async function redriveOne(name: string, queue: string, queues: Queues, options: RedriveOptions): Promise<Redriven> {
  const dead = `${queue}-dlq`
  const held = new Map<string, Received>()
  let moved = 0
  try {
    while (held.size < options.max) {
      const batch = await queues.receive(dead, options.max - held.size)
      // A message seen before became visible again, or could not be deleted. When no others come, the queue is done.
      const fresh = batch.filter(({ id }) => !held.has(id))
      for (const message of batch) held.set(message.id, message)
      if (fresh.length === 0) break
      for (const message of fresh) options.onMessage(deadLetter(name, message, options.reasons))
      if (options.dryRun) continue
      const sent = await queues.resend(queue, fresh)
      const [accepted, left] = [fresh.filter(({ id }) => sent.has(id)), fresh.filter(({ id }) => !sent.has(id))]
      if (accepted.length > 0) await queues.remove(dead, accepted)
      moved += accepted.length
      if (left.length === 0) continue
      await queues.release(dead, left)
      throw new CommandError(
        `${counted(left.length, 'message')} not requeued to ${queue}`,
        `Still in ${dead}; run the command again.`,
      )
    }
  } finally {
    if (options.dryRun) await queues.release(dead, [...held.values()])
  }
  return { found: held.size, moved }
}

function deadLetter(queue: string, { id, sent, body, attributes }: Received, reasons: Reasons): DeadLetter {
  const reason = reasons.get(reasonKey(queue, id)) ?? undelivered(attributes)
  return { queue, id, sent: new Date(sent).toISOString(), reason: reason ?? null, body }
}

/**
 * The reason that EventBridge gives for an event that it could not deliver (EventBridge user guide, "Using dead-letter queues
 * to process undelivered events"). The body is the event as the queue should have received it.
 */
function undelivered({ ERROR_CODE, ERROR_MESSAGE = '', RULE_ARN = '' }: Received['attributes']): string | undefined {
  if (ERROR_CODE === undefined) return undefined
  const rule = RULE_ARN.replace(/^.*rule\//, 'rule ')
  return `EventBridge could not deliver it (${rule}): ${ERROR_CODE} ${ERROR_MESSAGE}`.trim()
}
