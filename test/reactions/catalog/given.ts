import type { Table } from '../../../src/lake/lake.ts'
import { type Cursor, newCursor } from '../../../src/core/ledger.ts'
import { act } from '../../../src/glue/act.ts'
import type { TableAction } from '../../../src/glue/actions.ts'
import { decide } from '../../../src/reactions/catalog/decide.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import type { DataType, StructField } from '../../../src/tables/schema.ts'
import type { Decision } from '../../../src/core/reaction.ts'
import type { GlueTwin } from '../../glue/glue.twin.ts'

export const EPOCH = 1_700_000_000_000

export const flights: Table = {
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
