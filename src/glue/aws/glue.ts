import {
  AlreadyExistsException,
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  ConcurrentModificationException,
  CreateDatabaseCommand,
  CreateTableCommand,
  EntityNotFoundException,
  type ErrorDetail,
  GetDatabaseCommand,
  GetTableCommand,
  type GlueClient,
  InvalidInputException,
  paginateGetPartitions,
  type PartitionInput as AwsPartitionInput,
  type Table,
  type TableInput as AwsTableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { Refused } from '../../core/refused.ts'
import type { GlueLookup, FoundPartition, Glue, PartitionInput, TableInput } from '../ports.ts'

/** The Glue port on Glue's API. A lost race is a result; what Glue calls invalid is refused. */
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
      // The exception is the same for a missing database, and its message is not part of the API.
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
        // Archived versions count towards a limit of 100,000 a table, and a stream commits every few seconds.
        SkipArchive: true,
      })
      const races = [ConcurrentModificationException, EntityNotFoundException]
      const lost = await sent(client.send(command), races, `UpdateTable ${database}.${definition.Name}`)
      return lost ? 'conflict' : 'updated'
    },

    ...partitionCalls(client),
  }
}

type PartitionCalls = Pick<Glue, 'createPartitions' | 'updatePartitions' | 'deletePartitions' | 'partitions'>

function partitionCalls(client: GlueClient): PartitionCalls {
  return {
    async createPartitions(database, table, partitions) {
      const at = { DatabaseName: database, TableName: table }
      const command = new BatchCreatePartitionCommand({ ...at, PartitionInputList: partitions.map(awsPartition) })
      const what = `BatchCreatePartition ${database}.${table}`
      const send = async (): Promise<Failed[]> =>
        ((await client.send(command)).Errors ?? []).map((each) => ({ ...each, values: each.PartitionValues }))
      return batch(send, what, 'AlreadyExistsException')
    },

    async updatePartitions(database, table, partitions) {
      const Entries = partitions.map((each) => ({
        PartitionValueList: [...each.Values],
        PartitionInput: awsPartition(each),
      }))
      const command = new BatchUpdatePartitionCommand({ DatabaseName: database, TableName: table, Entries })
      const send = async (): Promise<Failed[]> =>
        ((await client.send(command)).Errors ?? []).map((each) => ({ ...each, values: each.PartitionValueList }))
      return batch(send, `BatchUpdatePartition ${database}.${table}`)
    },

    async deletePartitions(database, table, partitions) {
      const command = new BatchDeletePartitionCommand({
        DatabaseName: database,
        TableName: table,
        PartitionsToDelete: partitions.map((values) => ({ Values: [...values] })),
      })
      const send = async (): Promise<Failed[]> =>
        ((await client.send(command)).Errors ?? []).map((each) => ({ ...each, values: each.PartitionValues }))
      return batch(send, `BatchDeletePartition ${database}.${table}`, 'EntityNotFoundException')
    },

    partitions: (database, table) => partitions(client, database, table),
  }
}

/** A partition of a batch that failed. */
interface Failed {
  readonly values: readonly string[] | undefined
  readonly ErrorDetail?: ErrorDetail
}

/** Sends a batch, of which each partition may fail. `harmless`: the error code of a partition that needed no change. */
async function batch(send: () => Promise<Failed[]>, what: string, harmless?: string): Promise<'done' | 'conflict'> {
  const failed: Failed[] = []
  const lost = await sent(
    send().then((all) => failed.push(...all)),
    [EntityNotFoundException, ConcurrentModificationException],
    what,
  )
  const others = failed.filter(({ ErrorDetail: detail }) => detail?.ErrorCode !== harmless)
  const [first] = others.filter(({ ErrorDetail: detail }) => !isRace(detail))
  if (first === undefined) return lost || others.length > 0 ? 'conflict' : 'done'
  const { ErrorCode: code = 'an error without a code', ErrorMessage: message = '' } = first.ErrorDetail ?? {}
  const reason = `${what}: partition ${JSON.stringify(first.values)}: ${code}: ${message}`
  if (code !== 'InvalidInputException') throw new Error(reason)
  throw new Refused('invalid-in-glue', reason, { subject: JSON.stringify(first.values), found: message })
}

function isRace(detail: ErrorDetail | undefined): boolean {
  return detail?.ErrorCode === 'EntityNotFoundException' || detail?.ErrorCode === 'ConcurrentModificationException'
}

async function* partitions(client: GlueClient, database: string, table: string): AsyncGenerator<FoundPartition> {
  // Without the columns, which are the same in thousands of partitions.
  const request = { DatabaseName: database, TableName: table, ExcludeColumnSchema: true }
  try {
    for await (const { Partitions = [] } of paginateGetPartitions({ client, pageSize: 1000 }, request)) {
      for (const { Values = [], StorageDescriptor: storage, Parameters: parameters = {} } of Partitions)
        yield { values: Values, location: storage?.Location ?? '', parameters }
    }
  } catch (error) {
    if (!(error instanceof EntityNotFoundException)) throw error
  }
}

/** See {@link awsInput}. */
function awsPartition(partition: PartitionInput): AwsPartitionInput {
  return partition as unknown as AwsPartitionInput
}

type Exception = abstract new (...args: never[]) => Error

/** Whether the call lost a race. */
async function sent(call: Promise<unknown>, races: readonly Exception[], what: string): Promise<boolean> {
  try {
    await call
    return false
  } catch (error) {
    if (races.some((race) => error instanceof race)) return true
    if (!(error instanceof InvalidInputException)) throw error
    throw new Refused(
      'invalid-in-glue',
      `${what}: Glue rejects this as invalid: ${error.message}`,
      {
        subject: what,
        found: error.message,
        advice: 'Fix what the message names, or turn off the catalog for this table in lake.yml.',
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

/** The members of GetTable's result that UpdateTable accepts (API reference, "TableInput" and "Table"); Glue sets the others. */
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

function foundTable(table: Table): GlueLookup {
  const members = MEMBERS.filter((member) => table[member] !== undefined).map(
    (member) => [member, table[member]] as const,
  )
  const definition = { Name: table.Name ?? '', ...Object.fromEntries(members) } as TableInput
  return { kind: 'table', versionId: table.VersionId ?? '', definition }
}

/** The port's types do not declare what is not Landfall's; those fields came from Glue unchanged. */
function awsInput(definition: TableInput): AwsTableInput {
  return definition as unknown as AwsTableInput
}
