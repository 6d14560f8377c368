import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs'
import { eventbridge, sqs } from '../../src/aws/clients.ts'
import { SOURCE } from '../../src/core/facts.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { FactType } from '../../src/reactions/facts.ts'

/** A queue that gets the facts of one type, as anybody may subscribe to them: a rule on the lake's bus. */
export async function factQueue(lake: Lake, type: FactType) {
  const [events, queues] = [eventbridge(), sqs()]
  const { bus, stack } = names(lake)
  const Name = `${stack}-demo-facts`
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: Name }))
  const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const EventPattern = JSON.stringify({ source: [SOURCE], 'detail-type': [type] })
  await events.send(new PutRuleCommand({ Name, EventBusName: bus, EventPattern }))
  const Targets = [{ Id: 'queue', Arn: Attributes?.['QueueArn'] }]
  await events.send(new PutTargetsCommand({ Rule: Name, EventBusName: bus, Targets }))
  return {
    /** The details of the facts that have come in since the last call. */
    async take<Detail>(): Promise<Detail[]> {
      const asked = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 })
      const { Messages = [] } = await queues.send(asked)
      if (Messages.length === 0) return []
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }))
      await queues.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
      return Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { detail: Detail }).detail)
    },

    close(): void {
      for (const client of [events, queues]) client.destroy()
    },
  }
}
