import type { CatalogTable } from '../../../src/glue/settings.ts'
import type { TableInput } from '../../../src/glue/ports.ts'
import { type Cursor, newCursor } from '../../../src/core/ledger.ts'
import { act } from '../../../src/glue/act.ts'
import type { TableAction } from '../../../src/glue/actions.ts'
import { decide } from '../../../src/reactions/catalog/decide.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import type { DataType, StructField } from '../../../src/tables/schema.ts'
import type { Decision } from '../../../src/core/reaction.ts'
import { glueTwin, type GlueTwin } from '../../glue/glue.twin.ts'

export const EPOCH = 1_700_000_000_000

export const flights: CatalogTable = {
  name: 'flights',
  location: { bucket: 'flights-lake', prefix: 'silver/flights' },
  format: 'delta',
  partitions: [],
  catalog: { database: 'silver', table: 'flights' },
}

export const untouched: Cursor = newCursor({ subject: 'table/flights', reaction: 'catalog' })

export function field(name: string, type: DataType, metadata: Readonly<Record<string, unknown>> = {}): StructField {
  return { name, type, nullable: true, metadata }
}

export function metadata(fields: readonly StructField[], more: Partial<TableMetadata> = {}): TableMetadata {
  return { id: 'id-1', schema: { type: 'struct', fields }, partitionColumns: [], properties: {}, ...more }
}

/** One round of the reaction on the twin, as the shell would carry it out, without observing the log. */
export async function keep(
  glue: GlueTwin,
  table: TableMetadata,
  version: number,
  more: { readonly committed?: number; readonly cursor?: Cursor } = {},
): Promise<Decision<TableAction>> {
  const { committed = EPOCH + version, cursor = untouched } = more
  const found = await glue.find('silver', 'flights')
  const decision = decide({ version, committed, table: flights, metadata: table, found }, cursor)
  for (const action of decision.actions) {
    const outcome = await act(action, glue)
    if (outcome.kind !== 'done') throw new Error(`${action.kind}: ${outcome.kind}`)
  }
  return decision
}

export const id = field('id', 'long')
/** The metadata of a table with the columns `id` and `origin`. */
export const base = metadata([id, field('origin', 'string')])

/** The record after metadata `before` and then `after`; `edit` is what somebody changes by hand in between. */
export async function follow(
  before: TableMetadata,
  after: TableMetadata,
  edit?: (found: TableInput) => TableInput,
): Promise<TableInput> {
  const glue = glueTwin()
  await keep(glue, before, 3)
  if (edit) glue.edit('silver', 'flights', edit)
  await keep(glue, after, 4)
  return glue.definition('silver', 'flights') as TableInput
}

export const columns = (found: TableInput) =>
  found.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`)

/** A record that somebody else wrote. */
export const foreign = (more: Partial<TableInput>): TableInput => ({
  Name: 'flights',
  TableType: 'EXTERNAL_TABLE',
  Parameters: { table_type: 'DELTA' },
  StorageDescriptor: {
    Location: 's3://flights-lake/silver/flights',
    Columns: [{ Name: 'col', Type: 'array<string>' }],
  },
  ...more,
})
