import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { reasonText, Refused } from '../core/refused.ts'
import type { Ledger } from '../core/ledger.ts'
import type { Queue } from '../core/queue.ts'
import type { FunctionContext } from './function.ts'

/** One message that came through the parser. */
export interface Message<T> {
  readonly id: string
  readonly value: T
}

/** Why messages failed, by message id. Those that are not named are done. */
export type Failures = ReadonlyMap<string, unknown>

export interface BatchOptions<T> {
  /** The function, for what is recorded. */
  readonly source: string
  /**
   * Takes a parsed body; throws `Refused` for what is no message of this queue. Loaded with the first message, since its
   * schemas are no small part of what a cold start would wait for.
   */
  parser(): Promise<(body: unknown) => T>
  /** Must answer for each message by its id; a throw fails them all. */
  work(messages: readonly Message<T>[]): Promise<Failures>
  readonly ledger: Ledger
  readonly queue: Queue
  /** After this many deliveries SQS moves a message to the dead-letter queue. */
  readonly maxReceives: number
}

/**
 * Settles every message of a batch by itself. What is no message of this queue is recorded and acknowledged, since no
 * retry can mend it; what failed is delivered again after a back-off; at its last delivery the reason is recorded too,
 * for the dead-letter queue holds only the message.
 */
export async function processBatch<T>(
  event: SQSEvent,
  edge: FunctionContext,
  settling: BatchOptions<T>,
): Promise<SQSBatchResponse> {
  const failures = new Map<string, unknown>()
  const messages: Message<T>[] = []
  const parser = await settling.parser()
  for (const record of event.Records) {
    try {
      messages.push({ id: record.messageId, value: parser(parse(record)) })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      await rejectMessage(record, error, edge, settling).catch((cause: unknown) =>
        failures.set(record.messageId, cause),
      )
    }
  }
  for (const [id, error] of await attempt(messages, settling)) failures.set(id, error)
  await Promise.all(
    event.Records.filter(({ messageId }) => failures.has(messageId)).map((record) =>
      retryLater(record, failures.get(record.messageId), edge, settling),
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
  edge: FunctionContext,
  { source, ledger }: BatchOptions<T>,
): Promise<void> {
  edge.log.warn('message refused', { messageId: record.messageId, code: error.code, reason: error.message })
  const { code, message, detail } = error
  await ledger.reject(
    {
      source,
      code,
      reason: reasonText(message),
      about: (detail.subject ?? code).slice(0, 400),
      sample: record.body.slice(0, 400),
    },
    edge.now(),
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

/** 2, 8, 32, 128, 512, then 900 seconds: an outage of an hour is waited out within ten deliveries. */
export function backOff(receives: number): number {
  return Math.min(2 * 4 ** (receives - 1), 900)
}

async function retryLater<T>(
  record: SQSRecord,
  error: unknown,
  edge: FunctionContext,
  settling: BatchOptions<T>,
): Promise<void> {
  const receives = Number(record.attributes.ApproximateReceiveCount)
  const failure = error instanceof Error ? error : new Error(String(error))
  edge.log.error('message failed', { messageId: record.messageId, receives, error: failure })
  try {
    if (receives >= settling.maxReceives)
      await settling.ledger.reject(
        {
          source: settling.source,
          code: 'gave-up',
          about: record.messageId,
          reason: reasonText(`after ${receives} tries: ${failure.message}`),
          sample: record.body.slice(0, 400),
        },
        edge.now(),
      )
    else await settling.queue.delay(record.eventSourceARN, record.receiptHandle, backOff(receives))
  } catch (error) {
    // The message is reported as failed all the same: it comes back after the queue's own visibility timeout.
    edge.log.warn('back-off failed', { messageId: record.messageId, error: error as Error })
  }
}
