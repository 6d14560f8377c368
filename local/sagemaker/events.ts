import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { EndpointEvent } from './core/views.ts'

/** Puts an event onto the account's default bus, where SageMaker's are. @throws Error where the bus does not take it */
export async function putEvent(client: EventBridgeClient, event: EndpointEvent): Promise<void> {
  const entry = {
    Source: event.source,
    DetailType: event['detail-type'],
    Time: new Date(event.time),
    Resources: [...event.resources],
    Detail: JSON.stringify(event.detail),
  }
  const { FailedEntryCount: failed = 0, Entries: entries } = await client.send(
    new PutEventsCommand({ Entries: [entry] }),
  )
  if (failed > 0) throw new Error(`EventBridge did not take an event of SageMaker: ${JSON.stringify(entries)}`)
}
