import {
  AlreadyExistsException,
  ConcurrentModificationException,
  CreateDatabaseCommand,
  CreateTableCommand,
  EntityNotFoundException,
  GetDatabaseCommand,
  GetTableCommand,
  type GlueClient,
  InvalidInputException,
  type Table,
  type TableInput as AwsTableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { Refused } from '../errors.ts'
import type { Found, Glue, TableInput } from '../reactions/catalog/glue.ts'

/** The port of the catalog reaction over Glue's API. Lost races are answers; what Glue calls invalid is refused. */
export function glueCatalog(client: GlueClient): Glue {
  return {
    async find(database, table) {
      try {
        const { Table: found } = await client.send(new GetTableCommand({ DatabaseName: database, Name: table }))
        if (found === undefined) throw new Error(`GetTable ${database}.${table}: Glue answered without a table`)
        return foundTable(found)
      } catch (error) {
        if (!(error instanceof EntityNotFoundException)) throw error
      }
      // The one exception stands for either; its message is not part of the API.
      return { kind: (await hasDatabase(client, database)) ? 'no-table' : 'no-database' }
    },

    async createDatabase(name, description) {
      const command = new CreateDatabaseCommand({ DatabaseInput: { Name: name, Description: description } })
      const lost = await sent(client.send(command), [AlreadyExistsException], `CreateDatabase ${name}`)
      return lost ? 'exists' : 'created'
    },

    async createTable(database, definition) {
      const command = new CreateTableCommand({ DatabaseName: database, TableInput: awsInput(definition) })
      const races = [AlreadyExistsException, EntityNotFoundException, ConcurrentModificationException]
      const lost = await sent(client.send(command), races, `CreateTable ${database}.${definition.Name}`)
      return lost ? 'conflict' : 'created'
    },

    async updateTable(database, definition, versionId) {
      const command = new UpdateTableCommand({
        DatabaseName: database,
        TableInput: awsInput(definition),
        VersionId: versionId,
        // Each archived version counts towards 100,000 a table, and a stream commits every few seconds.
        SkipArchive: true,
      })
      const races = [ConcurrentModificationException, EntityNotFoundException]
      const lost = await sent(client.send(command), races, `UpdateTable ${database}.${definition.Name}`)
      return lost ? 'conflict' : 'updated'
    },
  }
}

type Exception = abstract new (...args: never[]) => Error

/** True for a lost race. */
async function sent(call: Promise<unknown>, races: readonly Exception[], what: string): Promise<boolean> {
  try {
    await call
    return false
  } catch (error) {
    if (races.some((race) => error instanceof race)) return true
    if (!(error instanceof InvalidInputException)) throw error
    throw new Refused(
      'invalid-in-glue',
      `${what}: Glue says that this can never be: ${error.message}`,
      {
        subject: what,
        found: error.message,
        advice: 'Change what Glue names, or turn off the catalog for this table in lake.yml.',
      },
      { cause: error },
    )
  }
}

async function hasDatabase(client: GlueClient, name: string): Promise<boolean> {
  try {
    await client.send(new GetDatabaseCommand({ Name: name }))
    return true
  } catch (error) {
    if (error instanceof EntityNotFoundException) return false
    throw error
  }
}

/** What UpdateTable takes of what GetTable gives (API reference, "TableInput" beside "Table"); the rest is Glue's own to say. */
const MEMBERS: readonly (keyof AwsTableInput & keyof Table)[] = [
  'Description',
  'LastAccessTime',
  'LastAnalyzedTime',
  'Owner',
  'Parameters',
  'PartitionKeys',
  'Retention',
  'StorageDescriptor',
  'TableType',
  'TargetTable',
  'ViewExpandedText',
  'ViewOriginalText',
]

function foundTable(table: Table): Found {
  const members = MEMBERS.filter((member) => table[member] !== undefined).map(
    (member) => [member, table[member]] as const,
  )
  const definition = { Name: table.Name ?? '', ...Object.fromEntries(members) } as TableInput
  return { kind: 'table', versionId: table.VersionId ?? '', definition }
}

/** The port's types leave open what is not Landfall's, and it came from Glue as it is. */
function awsInput(definition: TableInput): AwsTableInput {
  return definition as unknown as AwsTableInput
}
