import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { reasonText, Refused } from '../core/refused.ts'
import type { Ledger } from '../core/ledger.ts'
import type { Queue } from '../core/queue.ts'
import type { FunctionContext } from './function.ts'

/** A message that was parsed. */
export interface Message<T> {
  readonly id: string
  readonly value: T
}

/** Why messages failed, by message id. All other messages are done. */
export type Failures = ReadonlyMap<string, unknown>

export interface BatchOptions<T> {
  /** The function's name, which rejections are recorded under. */
  readonly source: string
  /**
   * Parses a body; throws `Refused` for a message that does not belong in this queue. Loaded with the first message, since
   * its schemas would make up much of a cold start.
   */
  parser(): Promise<(body: unknown) => T>
  /** Returns the failures by message id; a throw fails all messages. */
  work(messages: readonly Message<T>[]): Promise<Failures>
  readonly ledger: Ledger
  readonly queue: Queue
  /** After this many deliveries SQS moves a message to the dead-letter queue. */
  readonly maxReceives: number
}

/**
 * Completes or retries each message of a batch on its own. A message that does not belong in this queue is recorded and
 * acknowledged, since retries cannot help. A failed message is redelivered after a back-off. At its last delivery the
 * reason is recorded too, since the dead-letter queue holds only the message.
 */
export async function processBatch<T>(
  event: SQSEvent,
  context: FunctionContext,
  options: BatchOptions<T>,
): Promise<SQSBatchResponse> {
  const failures = new Map<string, unknown>()
  const messages: Message<T>[] = []
  const parser = await options.parser()
  for (const record of event.Records) {
    try {
      messages.push({ id: record.messageId, value: parser(parse(record)) })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      await rejectMessage(record, error, context, options).catch((cause: unknown) =>
        failures.set(record.messageId, cause),
      )
    }
  }
  for (const [id, error] of await attempt(messages, options)) failures.set(id, error)
  await Promise.all(
    event.Records.filter(({ messageId }) => failures.has(messageId)).map((record) =>
      retryLater(record, failures.get(record.messageId), context, options),
    ),
  )
  return { batchItemFailures: [...failures.keys()].map((itemIdentifier) => ({ itemIdentifier })) }
}

function parse(record: SQSRecord): unknown {
  try {
    return JSON.parse(record.body)
  } catch (cause) {
    throw new Refused('not-json', `a message is not JSON: '${record.body.slice(0, 80)}'`, {}, { cause })
  }
}

async function rejectMessage<T>(
  record: SQSRecord,
  error: Refused,
  context: FunctionContext,
  { source, ledger }: BatchOptions<T>,
): Promise<void> {
  context.log.warn('message refused', { messageId: record.messageId, code: error.code, reason: error.message })
  const { code, message, detail } = error
  await ledger.reject(
    {
      source,
      code,
      reason: reasonText(message),
      about: (detail.subject ?? code).slice(0, 400),
      sample: record.body.slice(0, 400),
    },
    context.now(),
  )
}

async function attempt<T>(messages: readonly Message<T>[], { work }: BatchOptions<T>): Promise<Failures> {
  if (messages.length === 0) return new Map()
  try {
    return await work(messages)
  } catch (error) {
    return new Map(messages.map(({ id }) => [id, error]))
  }
}

/** 2, 8, 32, 128, 512, then 900 seconds: ten deliveries outlast an outage of an hour. */
export function backOff(receives: number): number {
  return Math.min(2 * 4 ** (receives - 1), 900)
}

async function retryLater<T>(
  record: SQSRecord,
  error: unknown,
  context: FunctionContext,
  options: BatchOptions<T>,
): Promise<void> {
  const receives = Number(record.attributes.ApproximateReceiveCount)
  const failure = error instanceof Error ? error : new Error(String(error))
  context.log.error('message failed', { messageId: record.messageId, receives, error: failure })
  try {
    if (receives >= options.maxReceives)
      await options.ledger.reject(
        {
          source: options.source,
          code: 'gave-up',
          about: record.messageId,
          reason: reasonText(`after ${receives} tries: ${failure.message}`),
          sample: record.body.slice(0, 400),
        },
        context.now(),
      )
    else await options.queue.delay(record.eventSourceARN, record.receiptHandle, backOff(receives))
  } catch (error) {
    // The message is reported as failed all the same, and comes back after the queue's own visibility timeout.
    context.log.warn('back-off failed', { messageId: record.messageId, error: error as Error })
  }
}
