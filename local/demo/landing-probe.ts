import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { dynamodb, sqs } from '../../src/aws/clients.ts'
import { dynamoLandingLog } from '../../src/tables/aws/landing-log.ts'
import { sendAll } from '../../src/aws/queue.ts'
import { names } from '../../src/lake/resource-names.ts'
import { type Lake, type Location, type Table, keyPrefix } from '../../src/lake/lake.ts'
import type { LandedObject } from '../../src/tables/landing/landing-log.ts'

/** What the landing logs of a deployed lake hold of single objects, and how to deliver their events once more. */
export function landingProbe(lake: Lake) {
  const called = names(lake)
  const clients = { dynamodb: dynamodb(), sqs: sqs() }
  const landings = dynamoLandingLog(clients.dynamodb, called.ledger)
  return {
    /** The object at `path` in the table, as its landing log has it. */
    object: async (table: string, path: string) => (await landings.objects(table, [path])).get(path),

    /** Queues the newest events of these objects again. Answers how to count the queue's unfinished messages. */
    async resendEvents({ name, location }: Table, paths: readonly string[]): Promise<() => Promise<number>> {
      const known = await landings.objects(name, paths)
      const events = [...known.values()].map((object) => createdEvent(location, object))
      const { QueueUrl = '' } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: called.queue('files') }))
      await sendAll(clients.sqs, QueueUrl, events)
      return () => unfinished(clients.sqs, QueueUrl)
    },

    close(): void {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** As EventBridge delivers it (Amazon S3 User Guide, "EventBridge event message structure"). */
function createdEvent(location: Location, { key, content, size, sequencer }: LandedObject): object {
  return {
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: new Date().toISOString(),
    detail: {
      version: '0',
      bucket: { name: location.bucket },
      object: { key: `${keyPrefix(location)}${key}`, size, etag: content, sequencer },
      reason: 'PutObject',
    },
  }
}

/** Messages that wait, and those that are being processed. */
async function unfinished(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
}
