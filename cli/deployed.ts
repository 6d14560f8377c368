import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import { dynamodb, lambda, s3, sqs } from '../src/aws/clients.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import type { Ledger } from '../src/core/ledger.ts'
import type { Wake } from '../src/core/reaction.ts'
import type { Lake, Table } from '../src/lake/lake.ts'
import { type Names, names } from '../src/lake/resource-names.ts'
import { tableLogs } from '../src/tables/aws/table-log.ts'
import type { TableLog } from '../src/tables/log.ts'
import { lambdaMappings, type Mappings } from './mappings.ts'
import { type Queues, sqsQueues } from './queues.ts'

/** A deployed lake, as an operator with access to its account works with it. */
export interface Deployed {
  readonly lake: Lake
  readonly called: Names
  readonly ledger: Ledger
  readonly queues: Queues
  readonly mappings: Mappings
  readonly clients: Clients
  logOf(table: Table): TableLog
  close(): void
}

interface Clients {
  readonly dynamodb: DynamoDBClient
  readonly lambda: LambdaClient
  readonly s3: ReturnType<typeof s3>
  readonly sqs: ReturnType<typeof sqs>
}

/** Opens the clients. Nothing is called yet: a lake that is not deployed fails at the first use. */
export function connect(lake: Lake): Deployed {
  const called = names(lake)
  const clients: Clients = { dynamodb: dynamodb(), lambda: lambda(), s3: s3(), sqs: sqs() }
  return {
    lake,
    called,
    ledger: dynamoLedger(clients.dynamodb, called.ledger),
    queues: sqsQueues(clients.sqs),
    mappings: lambdaMappings(clients.lambda),
    clients,
    logOf: tableLogs(clients.s3, clients.dynamodb, called.ledger),
    close() {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** Triggers reactions of one subject through their queues, with a full comparison. */
export async function wake({ queues, called }: Deployed, subject: string, reactions: readonly string[]): Promise<void> {
  const message: Wake = { subject, full: true }
  await Promise.all(reactions.map((reaction) => queues.send(called.queue(reaction), [message])))
}
