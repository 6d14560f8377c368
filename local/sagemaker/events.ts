import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { eventbridge } from '../../src/aws/clients.ts'
import type { EndpointEvent } from './core/views.ts'

/** Puts an event onto the account's default bus, where SageMaker's are. @throws Error where the bus rejects it */
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

/** Puts the stand-in's events onto the account's default bus. */
export function endpointEventSender(): { send(event: EndpointEvent): void; close(): void } {
  let client: EventBridgeClient | undefined
  return {
    send(event) {
      client ??= eventbridge()
      // Best effort, as on AWS: who waits for an event also polls.
      putEvent(client, event).catch(() => undefined)
    },
    close: () => client?.destroy(),
  }
}
