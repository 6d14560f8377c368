import { Refused } from '../../core/refused.ts'
import type { Table } from '../../lake/lake.ts'
import { locationUri } from '../../lake/lake.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { TableMetadata } from '../../tables/change.ts'
import type { Decision, Observation } from '../../core/reaction.ts'
import type { GlueLookup, TableInput } from '../../glue/ports.ts'
import { TABLE_ID, type Stamp, definitionOf, fingerprint, merged, same, stampOf, stamped } from './record.ts'

export interface ObservedTable extends Observation {
  readonly table: Table
  /** What the table is at `version`; absent when no commit since the cursor's set it. */
  readonly metadata?: TableMetadata
  /** How the catalog stands; absent when it need not be looked at. */
  readonly found?: GlueLookup
}

/** What is done to a table's record. */
export type TableAction =
  | { readonly kind: 'create-database'; readonly database: string }
  | { readonly kind: 'create-table'; readonly database: string; readonly definition: TableInput }
  | {
      readonly kind: 'update-table'
      readonly database: string
      readonly definition: TableInput
      readonly versionId: string
    }

/**
 * What is still to be done so that the catalog says of the table what its log says. The state is the fingerprint of the
 * record that the catalog holds afterwards; none when it holds one that somebody newer wrote.
 *
 * @throws {Refused} when Glue cannot hold the table, or another table has its name.
 */
export function decide(observed: ObservedTable, cursor: Cursor): Decision<TableAction> {
  const { table, metadata, found, version, committed } = observed
  if (metadata === undefined || found === undefined) return { actions: [], state: cursor.state }
  const wanted = definitionOf(table, metadata)
  const state = fingerprint(wanted)
  const database = table.catalog?.database ?? ''
  if (found.kind !== 'table') {
    const create: TableAction = { kind: 'create-table', database, definition: stamped(wanted, version, committed) }
    return { actions: found.kind === 'no-database' ? [{ kind: 'create-database', database }, create] : [create], state }
  }
  refuseAnothers(found.definition, table, database, metadata.id)
  const stamp = stampOf(found.definition)
  if (stamp !== undefined && isNewer(stamp, observed, metadata.id)) return { actions: [] }
  const next = merged(found.definition, wanted)
  if (stamp !== undefined && same(found.definition, next)) return { actions: [], state }
  const definition = stamped(next, version, committed)
  return { actions: [{ kind: 'update-table', database, definition, versionId: found.versionId }], state }
}

/**
 * A record is Landfall's to change when Landfall wrote it of this table, wherever it says that it lies, or when it is a
 * Delta (or undeclared) table at the same location, as Athena, Spark or a crawler would have made it. One of another
 * table at another place may be another lake's or stage's, which would write it back.
 */
function refuseAnothers(found: TableInput, table: Table, database: string, id: string): void {
  if (found.Parameters?.[TABLE_ID] === id) return
  const location = found.StorageDescriptor?.Location ?? ''
  const format = (
    found.Parameters?.['table_type'] ??
    found.Parameters?.['spark.sql.sources.provider'] ??
    'delta'
  ).toLowerCase()
  const isView = found.TableType === 'VIRTUAL_VIEW'
  if (withoutSlash(location) === locationUri(table.location) && format === 'delta' && !isView) return
  const name = `${database}.${found.Name}`
  throw new Refused(
    'name-taken',
    `${name} in the Glue catalog is not the Delta table ${table.name}: ${describe(found)}.`,
    {
      subject: name,
      expected: `no table, or the Delta table at ${locationUri(table.location)}/`,
      found: describe(found),
      advice: `Give ${table.name} another catalog.database or catalog.table in lake.yml, or drop ${name} from the Glue catalog.`,
    },
  )
}

export function describe(found: TableInput): string {
  const format = found.Parameters?.['table_type'] ?? found.Parameters?.['classification']
  const location = found.StorageDescriptor?.Location || 'no location'
  return `${found.TableType ?? 'a table'}${format === undefined ? '' : ` of type ${format}`} at ${location}`
}

export function withoutSlash(location: string): string {
  return location.replace(/^s3[an]:/, 's3:').replace(/\/+$/, '')
}

/** Versions of one table are in order; those of a table that was made anew at the same place begin again, so time decides. */
function isNewer(stamp: Stamp, observed: Observation, id: string): boolean {
  const sameTable = stamp.id === undefined || stamp.id === id
  if (sameTable || stamp.committed === observed.committed) return stamp.version > observed.version
  return stamp.committed > observed.committed
}
