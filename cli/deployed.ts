import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import { dynamodb, lambda, s3, sqs } from '../src/aws/clients.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import { tableLogs } from '../src/tables/aws/table-log.ts'
import { type Names, names } from '../src/lake/resource-names.ts'
import type { Lake, Table } from '../src/lake/lake.ts'
import type { Ledger } from '../src/core/ledger.ts'
import { endpointSubject } from '../src/lake/subjects.ts'
import { subjectsIn } from '../src/reactions/index.ts'
import type { TableLog } from '../src/tables/log.ts'
import { UsageError } from './command.ts'
import { lambdaMappings, type Mappings } from './mappings.ts'
import { type Queues, sqsQueues } from './queues.ts'

/** A lake where it is deployed, as somebody with its account's keys can look at it and set it right. */
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

export function deployedLake(lake: Lake): Deployed {
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

/**
 * The table that an operator means by `flights` or `table/flights`.
 * @throws {UsageError} naming those there are
 */
export function tableOf(lake: Lake, given: string): Table {
  const name = given.replace(/^table\//, '')
  const table = Object.hasOwn(lake.tables, name) ? lake.tables[name] : undefined
  if (table !== undefined) return table
  throw new UsageError(`the lake ${lake.name} has no table '${name}'; it has ${list(Object.keys(lake.tables))}`)
}

/**
 * The subject that an operator means by `flights`, `table/flights` or `endpoint/delay`.
 * @throws {UsageError} naming those there are
 */
export function subjectOf(lake: Lake, given: string): string {
  const known = subjectsIn(lake)
  const found = [given, `table/${given}`, endpointSubject(given)].filter((subject) => known.includes(subject))
  if (found.length === 1) return found[0]!
  if (found.length > 1) throw new UsageError(`'${given}' may mean ${found.join(' or ')}: say which`)
  throw new UsageError(`the lake ${lake.name} has no subject '${given}'; it has ${list(known)}`)
}

/** Wakes reactions of one subject through their queues, to look at everything anew. */
export async function wake({ queues, called }: Deployed, subject: string, reactions: readonly string[]): Promise<void> {
  await Promise.all(reactions.map((reaction) => queues.send(called.queue(reaction), [{ subject, full: true }])))
}

/** At most a dozen names. */
export function list(all: readonly string[]): string {
  if (all.length === 0) return 'none'
  return all.length <= 12 ? all.join(', ') : `${all.slice(0, 12).join(', ')} and ${all.length - 12} more`
}
