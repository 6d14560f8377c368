import { EntityNotFoundException, GetTableCommand, type GlueClient, type Table } from '@aws-sdk/client-glue'
import type { CatalogSettings } from '../../src/glue/settings.ts'

/** The table's record in the Glue catalog, if it has one. */
export async function glueRecord(client: GlueClient, { database, table }: CatalogSettings): Promise<Table | undefined> {
  try {
    return (await client.send(new GetTableCommand({ DatabaseName: database, Name: table }))).Table
  } catch (error) {
    if (error instanceof EntityNotFoundException) return undefined
    throw error
  }
}

/** The difference between two states of a table's record, in a few words. */
export function glueDiff(before: Table | undefined, after: Table | undefined): string {
  if (after === undefined) return before === undefined ? 'not there' : 'gone'
  if (before === undefined) return `created with ${columnsOf(after).size} columns`
  const [was, is] = [columnsOf(before), columnsOf(after)]
  const changes = [
    ...[...is].filter(([name]) => !was.has(name)).map(([name, { type }]) => `+ ${name} ${type}`),
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `- ${name}`),
    ...[...is].flatMap(([name, column]) => columnChanges(name, was.get(name), column)),
    ...(before.Description === after.Description ? [] : [`description '${after.Description ?? ''}'`]),
  ]
  if (changes.length > 0) return changes.join(', ')
  return before.VersionId === after.VersionId ? 'unchanged' : 'written, same columns'
}

interface GlueColumn {
  readonly type: string
  readonly comment: string
}

function columnChanges(name: string, was: GlueColumn | undefined, is: GlueColumn): string[] {
  if (was === undefined) return []
  return [
    ...(was.type === is.type ? [] : [`${name}: ${was.type} → ${is.type}`]),
    ...(was.comment === is.comment ? [] : [`${name}: comment '${is.comment}'`]),
  ]
}

function columnsOf(table: Table): Map<string, GlueColumn> {
  const columns = [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])]
  return new Map(columns.map(({ Name = '', Type = '', Comment = '' }) => [Name, { type: Type, comment: Comment }]))
}
