import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { Bus } from '../core/bus.ts'
import { type Fact, SOURCE } from '../core/facts.ts'

/** EventBridge takes ten entries a call (PutEvents, "Entries"). */
const ENTRIES = 10

export function eventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async publish(facts) {
      const chunks = Array.from({ length: Math.ceil(facts.length / ENTRIES) }, (_, i) =>
        facts.slice(i * ENTRIES, (i + 1) * ENTRIES),
      )
      return (await Promise.all(chunks.map((chunk) => put(client, busName, chunk)))).flat()
    },
  }
}

async function put(client: EventBridgeClient, busName: string, facts: readonly Fact[]): Promise<(Error | undefined)[]> {
  const { Entries = [] } = await client.send(
    new PutEventsCommand({
      Entries: facts.map(({ type, detail }) => ({
        EventBusName: busName,
        Source: SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      })),
    }),
  )
  return facts.map(({ type }, i) => {
    const entry = Entries[i]
    if (entry?.EventId !== undefined && entry.ErrorCode === undefined) return undefined
    return new Error(
      `EventBridge did not accept '${type}' for the bus ${busName}: ${entry?.ErrorCode ?? 'no answer for this entry'} ${entry?.ErrorMessage ?? ''}`.trim(),
    )
  })
}
