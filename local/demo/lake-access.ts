import { DeleteTableCommand, paginateGetPartitions } from '@aws-sdk/client-glue'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { setTimeout as sleep } from 'node:timers/promises'
import { dynamodb, eventbridge, glue, s3, sqs } from '../../src/aws/clients.ts'
import { dynamoLedger } from '../../src/aws/ledger.ts'
import { tableLogs } from '../../src/tables/aws/table-log.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake, Table } from '../../src/lake/lake.ts'
import type { CatalogSettings } from '../../src/glue/settings.ts'
import type { Cursor } from '../../src/core/ledger.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { endpointSubject, tableSubject } from '../../src/lake/subjects.ts'
import { glueRecord } from './glue-diff.ts'
import { losingEvents } from './lost-events.ts'

/** A deployed lake, read and disturbed as anybody with keys to its account could. */
export type LakeAccess = ReturnType<typeof lakeAccess>

/** How long the demo waits for a reaction: long enough for several parts on a slow machine. */
const PATIENCE: Milliseconds = 120_000
/** Several parts poll one emulator. How long a reaction took is read from its cursor, and not measured by polling. */
const POLL_EVERY: Milliseconds = 50

/** Clients are found by the environment (AWS_ENDPOINT_URL). */
export function lakeAccess(lake: Lake, signal: AbortSignal) {
  const called = names(lake)
  const clients = newClients()
  const ledger = dynamoLedger(clients.dynamodb, called.ledger)
  const cursor = (table: string, reaction: string) => ledger.cursor({ subject: tableSubject(table), reaction })
  return {
    s3: clients.s3,
    cursor,
    /** The cursor of an endpoint's deployment. */
    endpoint: (name: string) => ledger.cursor({ subject: endpointSubject(name), reaction: 'deployment' }),
    /** A table's log, whatever its format. */
    logOf: tableLogs(clients.s3, clients.dynamodb, called.ledger),
    record: (table: CatalogSettings) => glueRecord(clients.glue, table),
    until: <Value>(what: string, read: () => Promise<Value | undefined>) => until(signal, what, read),

    /** Waits until a reaction has processed `version` of the table and no run of it is in progress. */
    async caughtUp(table: string, version: number, reaction = 'catalog'): Promise<Cursor> {
      return until(signal, `${reaction} to reach version ${version} of ${table}`, async () => {
        const found = await cursor(table, reaction)
        if (found.refusal !== undefined) throw new Error(`${reaction} refused ${table}: ${found.refusal.reason}`)
        return found.version >= version && found.run === undefined ? found : undefined
      })
    },

    /** The number of the table's partitions in the catalog. */
    async partitions({ database, table }: CatalogSettings): Promise<number> {
      let count = 0
      const pages = paginateGetPartitions({ client: clients.glue }, { DatabaseName: database, TableName: table })
      for await (const { Partitions = [] } of pages) count += Partitions.length
      return count
    },

    /** Waits until the table is in the catalog. */
    recorded: (table: CatalogSettings) =>
      until(signal, `${table.database}.${table.table} in Glue`, () => glueRecord(clients.glue, table)),

    /** Someone drops the table from the catalog by hand. */
    async drop({ database, table }: CatalogSettings): Promise<void> {
      await clients.glue.send(new DeleteTableCommand({ DatabaseName: database, Name: table }))
    },

    /** Commits to the table that `work` makes cause no event. */
    losingEvents: (table: Table, work: () => Promise<void>) => losingEvents(clients, lake, table, work),

    /** Does what the schedule does, for one subject. */
    async sweep(subject: string): Promise<void> {
      const Payload = JSON.stringify({ subject })
      const answer = await clients.lambda.send(new InvokeCommand({ FunctionName: called.fn('sweep'), Payload }))
      if (answer.FunctionError !== undefined)
        throw new Error(`the sweep failed: ${answer.Payload?.transformToString()}`)
    },

    close(): void {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

function newClients() {
  return {
    dynamodb: dynamodb(),
    glue: glue(),
    events: eventbridge(),
    sqs: sqs(),
    s3: s3(),
    lambda: new LambdaClient({}),
  }
}

async function until<Value>(signal: AbortSignal, what: string, read: () => Promise<Value | undefined>): Promise<Value> {
  const end = Date.now() + PATIENCE
  while (Date.now() < end) {
    const value = await read()
    if (value !== undefined) return value
    await sleep(POLL_EVERY, undefined, { signal })
  }
  throw new Error(
    `timed out after ${PATIENCE / 1000} s waiting for ${what}; \`npx landfall status --stage local\` shows what blocks it`,
  )
}
