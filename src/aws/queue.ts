import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { Queue } from '../core/queue.ts'
import type { Milliseconds } from '../core/time.ts'

export function sqsQueue(client: SQSClient, endpoint: (queueArn: string) => string = queueUrl): Queue {
  return {
    async delay(queueArn, ReceiptHandle, VisibilityTimeout) {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: endpoint(queueArn), ReceiptHandle, VisibilityTimeout }),
      )
    },
  }
}

/** `arn:aws:sqs:REGION:ACCOUNT:NAME` and `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME` are the same queue. */
function queueUrl(arn: string): string {
  const [, partition, , region, account, name] = arn.split(':')
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://sqs.${region}.${domain}/${account}/${name}`
}

/** SQS takes ten messages a call (SendMessageBatch). */
const ENTRIES = 10

/** Sends JSON bodies, ten a call. Throws if SQS rejects any of them, with how many and why. */
export async function sendAll(client: SQSClient, QueueUrl: string, bodies: readonly unknown[]): Promise<void> {
  for (let i = 0; i < bodies.length; i += ENTRIES) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.slice(i, i + ENTRIES).map((body, j) => ({ Id: String(j), MessageBody: JSON.stringify(body) })),
      }),
    )
    if (Failed.length > 0)
      throw new Error(
        `${Failed.length} of ${bodies.length} messages were rejected by ${QueueUrl}: ${Failed[0]?.Code} ${Failed[0]?.Message ?? ''}`,
      )
  }
}

/** Sends one JSON body, to be delivered after `delay` in whole seconds. SQS delays a message for 900 s at most. */
export async function sendLater(
  client: SQSClient,
  QueueUrl: string,
  body: unknown,
  delay: Milliseconds,
): Promise<void> {
  const DelaySeconds = Math.min(900, Math.ceil(delay / 1_000))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body), DelaySeconds }))
}
