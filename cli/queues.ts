import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { sendAll } from '../src/aws/queue.ts'
import type { EpochMs } from '../src/core/time.ts'
import { counted } from './text.ts'

/** A lake's queues, by name. `sqsQueues` is the adapter; the twin is `test/cli/queues.twin.ts`. */
export interface Queues {
  /** `undefined` where there is no such queue. SQS's counts are approximate until a minute after the last message. */
  depth(queue: string): Promise<Depth | undefined>
  /** JSON bodies. */
  send(queue: string, bodies: readonly unknown[]): Promise<void>
  /** At most ten messages, which stay invisible to others for {@link HELD} s. Waits one second for the first. */
  receive(queue: string, limit: number): Promise<Received[]>
  /** Sends the bodies unchanged. Answers the ids of the messages that SQS accepted. */
  resend(queue: string, messages: readonly Received[]): Promise<ReadonlySet<string>>
  /** Deletes received messages. */
  remove(queue: string, messages: readonly Received[]): Promise<void>
  /** Makes received messages visible again at once. */
  release(queue: string, messages: readonly Received[]): Promise<void>
}

export interface Depth {
  readonly waiting: number
  readonly inFlight: number
}

export interface Received {
  readonly id: string
  readonly receipt: string
  readonly body: string
  /** When it was first sent. */
  readonly sent: EpochMs
  /** Message attributes. In them EventBridge says why it could not deliver an event. */
  readonly attributes: Readonly<Record<string, string>>
}

/** The visibility timeout of received messages in seconds: longer than it takes to list some thousand. */
export const HELD = 300

/** SQS accepts ten entries and, in every account, 256 kB a call. */
const BATCH_BYTES = 250_000

export function sqsQueues(client: SQSClient): Queues {
  const urls = new Map<string, Promise<string>>()
  const urlOf = (QueueName: string): Promise<string> => {
    const url =
      urls.get(QueueName) ?? client.send(new GetQueueUrlCommand({ QueueName })).then(({ QueueUrl = '' }) => QueueUrl)
    urls.set(QueueName, url)
    return url
  }
  return {
    depth: (queue) => depth(client, () => urlOf(queue)),
    send: async (queue, bodies) => sendAll(client, await urlOf(queue), bodies),
    receive: async (queue, limit) => receive(client, await urlOf(queue), limit),

    async resend(queue, messages) {
      const QueueUrl = await urlOf(queue)
      const accepted = new Set<string>()
      for (const batch of batchesOf(messages)) {
        const Entries = batch.map(({ body }, i) => ({ Id: String(i), MessageBody: body }))
        const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
        for (const { Id } of Successful) accepted.add(batch[Number(Id)]!.id)
      }
      return accepted
    },

    async remove(queue, messages) {
      const Entries = messages.map(({ receipt }, i) => ({ Id: String(i), ReceiptHandle: receipt }))
      const { Failed = [] } = await client.send(
        new DeleteMessageBatchCommand({ QueueUrl: await urlOf(queue), Entries }),
      )
      if (Failed.length > 0)
        throw new Error(
          `${counted(Failed.length, 'message')} requeued but not deleted from ${queue} (${Failed[0]?.Code}). The duplicates are harmless.`,
        )
    },

    async release(queue, messages) {
      const QueueUrl = await urlOf(queue)
      for (let i = 0; i < messages.length; i += 10) {
        const batch = messages.slice(i, i + 10)
        const Entries = batch.map(({ receipt }, j) => ({ Id: String(j), ReceiptHandle: receipt, VisibilityTimeout: 0 }))
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }))
      }
    },
  }
}

async function depth(client: SQSClient, url: () => Promise<string>): Promise<Depth | undefined> {
  try {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: await url(),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    return {
      waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    }
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined
    throw error
  }
}

/** A long poll: it asks all of SQS's servers, so an empty answer is reliable. */
async function receive(client: SQSClient, QueueUrl: string, limit: number): Promise<Received[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(limit, 10),
      WaitTimeSeconds: 1,
      VisibilityTimeout: HELD,
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['All'],
    }),
  )
  return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} }) => ({
    id: MessageId,
    receipt: ReceiptHandle,
    body: Body,
    sent: Number(Attributes.SentTimestamp ?? 0),
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
  }))
}

/** Splits messages into as few calls as SQS's limits allow. */
export function batchesOf(messages: readonly Received[]): Received[][] {
  const batches: Received[][] = []
  let bytes = Infinity
  for (const message of messages) {
    const own = new TextEncoder().encode(message.body).length
    bytes += own
    if (bytes > BATCH_BYTES || batches.at(-1)!.length === 10) {
      batches.push([])
      bytes = own
    }
    batches.at(-1)!.push(message)
  }
  return batches
}
