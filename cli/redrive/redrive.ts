import type { CountedRejection } from '../../src/core/ledger.ts'
import type { Queues, Received } from '../queues.ts'

/** A message that was given up, as `landfall redrive` shows it. Times are ISO 8601. */
export interface GivenUp {
  readonly queue: string
  readonly id: string
  readonly sent: string
  /** Null when nobody recorded one, or it is older than 14 days. */
  readonly reason: string | null
  readonly body: string
}

export interface Redriven {
  readonly found: number
  readonly moved: number
}

export interface RedriveOptions {
  /** Only look. */
  readonly dryRun: boolean
  /** At most so many messages in all. */
  readonly max: number
  /** What the lake calls the queue of a name. */
  queueOf(name: string): string
  readonly reasons: Reasons
  tell(message: GivenUp): void
}

/** Why a message was given up, by {@link reasonKey}. */
export type Reasons = ReadonlyMap<string, string>

/** The reasons that the functions recorded at the last try of a message (`src/lambda/batch.ts`). */
export function reasonsIn(rejections: readonly CountedRejection[]): Reasons {
  const gaveUp = rejections.filter(({ code }) => code === 'gave-up')
  return new Map(gaveUp.map(({ source, about, reason }) => [reasonKey(source, about), reason]))
}

const reasonKey = (queue: string, id: string): string => `${queue} ${id}`

/**
 * Moves messages from the dead-letter queues of `names` back to their queues, and tells of each. A message is sent before it
 * is deleted: whatever breaks in between, it is there twice rather than not at all, and what it asks for is safe to repeat.
 * @throws Error when SQS does not take messages back
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
      // One that was seen before was held for too long, or could not be deleted: the end of what is new.
      const fresh = batch.filter(({ id }) => !held.has(id))
      for (const message of batch) held.set(message.id, message)
      if (fresh.length === 0) break
      for (const message of fresh) options.tell(givenUp(name, message, options.reasons))
      if (options.dryRun) continue
      const sent = await queues.resend(queue, fresh)
      const [gone, left] = [fresh.filter(({ id }) => sent.has(id)), fresh.filter(({ id }) => !sent.has(id))]
      if (gone.length > 0) await queues.remove(dead, gone)
      moved += gone.length
      if (left.length === 0) continue
      await queues.release(dead, left)
      throw new Error(`${queue} did not take ${left.length} messages back; they are still in ${dead}: try again`)
    }
  } finally {
    if (options.dryRun) await queues.release(dead, [...held.values()])
  }
  return { found: held.size, moved }
}

function givenUp(queue: string, { id, sent, body, attributes }: Received, reasons: Reasons): GivenUp {
  const reason = reasons.get(reasonKey(queue, id)) ?? undelivered(attributes)
  return { queue, id, sent: new Date(sent).toISOString(), reason: reason ?? null, body }
}

/**
 * What EventBridge says in a dead letter of its own (EventBridge user guide, "Using dead-letter queues to process
 * undelivered events"). The body is the event as the queue should have got it.
 */
function undelivered({ ERROR_CODE, ERROR_MESSAGE = '', RULE_ARN = '' }: Received['attributes']): string | undefined {
  if (ERROR_CODE === undefined) return undefined
  return `EventBridge could not deliver it by ${RULE_ARN.replace(/^.*rule\//, 'the rule ')}: ${ERROR_CODE} ${ERROR_MESSAGE}`.trim()
}
