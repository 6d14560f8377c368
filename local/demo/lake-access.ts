import {
  DisableRuleCommand,
  EnableRuleCommand,
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge'
import { DeleteTableCommand, paginateGetPartitions } from '@aws-sdk/client-glue'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import { setTimeout as sleep } from 'node:timers/promises'
import { dynamodb, eventbridge, glue, s3, sqs } from '../../src/aws/clients.ts'
import { dynamoLedger } from '../../src/aws/ledger.ts'
import { tableLogs } from '../../src/tables/aws/table-log.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { CatalogSettings, Lake } from '../../src/lake/lake.ts'
import type { Cursor } from '../../src/core/ledger.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { glueRecord } from './glue-diff.ts'

/** A deployed lake, as somebody with its account's keys can look at it and meddle with it. */
export type LakeAccess = ReturnType<typeof lakeAccess>

/** How long the demo waits for a reaction, in ms. */
const PATIENCE = 60_000

/** Clients are found by the environment (AWS_ENDPOINT_URL). */
export function lakeAccess(lake: Lake, signal: AbortSignal) {
  const called = names(lake)
  const clients = clientsHere()
  const ledger = dynamoLedger(clients.dynamodb, called.ledger)
  const cursor = (table: string, reaction: string) => ledger.cursor({ subject: `table/${table}`, reaction })
  return {
    s3: clients.s3,
    cursor,
    /** How far the deployment of an endpoint is. */
    endpoint: (name: string) => ledger.cursor({ subject: endpointSubject(name), reaction: 'deployment' }),
    /** A table's log, whatever its format. */
    logOf: tableLogs(clients.s3, clients.dynamodb, called.ledger),
    record: (table: CatalogSettings) => glueRecord(clients.glue, table),
    until: <Found>(what: string, look: () => Promise<Found | undefined>) => until(signal, what, look),

    /** Waits until a reaction has come as far as `version` of the table, with no run under way. */
    async caughtUp(table: string, version: number, reaction = 'catalog'): Promise<Cursor> {
      return until(signal, `${reaction} to reach version ${version} of ${table}`, async () => {
        const found = await cursor(table, reaction)
        if (found.refusal !== undefined) throw new Error(`${reaction} refuses ${table}: ${found.refusal.reason}`)
        return found.version >= version && found.run === undefined ? found : undefined
      })
    },

    /** How many partitions the catalog has of the table. */
    async partitions({ database, table }: CatalogSettings): Promise<number> {
      let count = 0
      const pages = paginateGetPartitions({ client: clients.glue }, { DatabaseName: database, TableName: table })
      for await (const { Partitions = [] } of pages) count += Partitions.length
      return count
    },

    /** Waits until there is a record of the table. */
    recorded: (table: CatalogSettings) =>
      until(signal, `${table.database}.${table.table} in Glue`, () => glueRecord(clients.glue, table)),

    /** Someone drops the table from the catalog by hand. */
    async drop({ database, table }: CatalogSettings): Promise<void> {
      await clients.glue.send(new DeleteTableCommand({ DatabaseName: database, Name: table }))
    },

    /** While `work` runs, S3's events reach nobody: they are lost, not late. */
    async losingEvents(work: () => Promise<void>): Promise<void> {
      const rules = await rulesInto(clients.events, await queueArn(called.queue('commits')))
      for (const Name of rules) await clients.events.send(new DisableRuleCommand({ Name }))
      await work()
      for (const Name of rules) await clients.events.send(new EnableRuleCommand({ Name }))
    },

    /** What the schedule does. */
    async sweep(): Promise<void> {
      const { FunctionError, Payload } = await clients.lambda.send(
        new InvokeCommand({ FunctionName: called.fn('sweep'), Payload: '{}' }),
      )
      if (FunctionError !== undefined) throw new Error(`the sweep failed: ${Payload?.transformToString()}`)
    },

    close(): void {
      for (const client of Object.values(clients)) client.destroy()
    },
  }

  async function queueArn(QueueName: string): Promise<string> {
    const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName }))
    const { Attributes } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    )
    return Attributes?.['QueueArn'] ?? ''
  }
}

function clientsHere() {
  return {
    dynamodb: dynamodb(),
    glue: glue(),
    events: eventbridge(),
    sqs: sqs(),
    s3: s3(),
    lambda: new LambdaClient({}),
  }
}

async function rulesInto(client: EventBridgeClient, TargetArn: string): Promise<readonly string[]> {
  const { RuleNames = [] } = await client.send(new ListRuleNamesByTargetCommand({ TargetArn }))
  if (RuleNames.length === 0) throw new Error(`no rule delivers to ${TargetArn}`)
  return RuleNames
}

async function until<Found>(signal: AbortSignal, what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const end = Date.now() + PATIENCE
  while (Date.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(10, undefined, { signal })
  }
  throw new Error(
    `waited ${PATIENCE / 1000} s for ${what}; \`npx landfall status --stage local\` says what stands in the way`,
  )
}
