import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deliveries } from '../ports.ts'

/** In ms, with all tries: a memory that does not answer is none, and the function has 10 s to queue a delivery without it. */
const PATIENCE = 2_000

/** Deliveries in the ledger's table: `delivery/registries/main` × the delivery's id. */
export function dynamoDeliveries(client: DynamoDBClient, TableName: string): Deliveries {
  const soon = () => ({ abortSignal: AbortSignal.timeout(PATIENCE) })
  const keyOf = (path: string, id: string) => ({ pk: { S: `delivery${path}` }, sk: { S: id } })
  return {
    async known(path, id) {
      // Consistent, since a sender may repeat itself within milliseconds.
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(path, id), ConsistentRead: true, ProjectionExpression: 'pk' }),
        soon(),
      )
      return Item !== undefined
    },
    async remember(path, id, until) {
      // The table's TTL is in seconds.
      const expires = { N: String(Math.ceil(until / 1000)) }
      await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(path, id), expires } }), soon())
    },
  }
}
