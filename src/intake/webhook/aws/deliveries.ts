import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Milliseconds } from '../../../core/time.ts'
import type { Deliveries } from '../ports.ts'

/** For a call with all its attempts: the function has 10 s, and queues a delivery even if DynamoDB does not answer. */
const TIMEOUT: Milliseconds = 2_000

/** Deliveries in the ledger's table: `delivery/registries/main` × the delivery's id. */
export function dynamoDeliveries(client: DynamoDBClient, TableName: string): Deliveries {
  const timeout = () => ({ abortSignal: AbortSignal.timeout(TIMEOUT) })
  const keyOf = (path: string, id: string) => ({ pk: { S: `delivery${path}` }, sk: { S: id } })
  return {
    async known(path, id) {
      // Consistent, since a retry may come within milliseconds.
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(path, id), ConsistentRead: true, ProjectionExpression: 'pk' }),
        timeout(),
      )
      return Item !== undefined
    },
    async remember(path, id, until) {
      // The table's TTL is in seconds.
      const expires = { N: String(Math.ceil(until / 1000)) }
      await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(path, id), expires } }), timeout())
    },
  }
}
