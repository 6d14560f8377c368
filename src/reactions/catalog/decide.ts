import type { CatalogTable } from '../../glue/settings.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Decision, Observation } from '../../core/reaction.ts'
import type { TableAction } from '../../glue/actions.ts'
import { fingerprint, merged, same } from '../../glue/merge.ts'
import { isAt, nameTaken } from '../../glue/name-taken.ts'
import type { GlueLookup, TableInput } from '../../glue/ports.ts'
import { DELTA_STAMP, TABLE_ID, type Stamp, stamped, stampOf } from '../../glue/stamp.ts'
import type { TableMetadata } from '../../tables/change.ts'
import { definitionOf } from './record.ts'

export interface ObservedTable extends Observation {
  readonly table: CatalogTable
  /** The table's metadata at `version`; absent when no commit since the cursor's set it. */
  readonly metadata?: TableMetadata
  /** What the catalog has; absent when there was no reason to ask. */
  readonly found?: GlueLookup
}

/**
 * What is still to be done until the catalog agrees with the table's log. The state is the fingerprint of the record that
 * the catalog then holds; none when that record is of a newer version than was observed.
 *
 * @throws {Refused} when Glue cannot hold the table, or another table has its name.
 */
export function decide(observed: ObservedTable, cursor: Cursor): Decision<TableAction> {
  const { table, metadata, found, version, committed } = observed
  if (metadata === undefined || found === undefined) return { actions: [], state: cursor.state }
  const wanted = definitionOf(table, metadata)
  const state = fingerprint(wanted)
  const database = table.catalog.database
  if (found.kind !== 'table') {
    const definition = stamped(wanted, version, committed, DELTA_STAMP)
    const create: TableAction = { kind: 'create-table', database, definition }
    return { actions: found.kind === 'no-database' ? [{ kind: 'create-database', database }, create] : [create], state }
  }
  if (!isOurs(found.definition, table, metadata.id)) throw nameTaken(found.definition, table, 'Delta table')
  const stamp = stampOf(found.definition, DELTA_STAMP)
  if (stamp !== undefined && isNewer(stamp, observed, metadata.id)) return { actions: [] }
  const next = merged(found.definition, wanted)
  if (stamp !== undefined && same(found.definition, next)) return { actions: [], state }
  const definition = stamped(next, version, committed, DELTA_STAMP)
  return { actions: [{ kind: 'update-table', database, definition, versionId: found.versionId }], state }
}

/**
 * Landfall may change a record that it wrote of this table, wherever the record says the table is, and one of a Delta (or
 * undeclared) table at this location, as Athena, Spark or a crawler writes it. A record of another table at another place
 * may belong to another lake or stage, which would write it back.
 */
function isOurs(found: TableInput, table: CatalogTable, id: string): boolean {
  const parameters = found.Parameters ?? {}
  if (parameters[TABLE_ID] === id) return true
  const format = (parameters['table_type'] ?? parameters['spark.sql.sources.provider'] ?? 'delta').toLowerCase()
  return isAt(found, table.location) && format === 'delta' && found.TableType !== 'VIRTUAL_VIEW'
}

/** Versions of one table are in order. Those of a table that was recreated at the same place restart, so time decides. */
function isNewer(stamp: Stamp, observed: Observation, id: string): boolean {
  const sameTable = stamp.id === undefined || stamp.id === id
  if (sameTable || stamp.committed === observed.committed) return stamp.version > observed.version
  return stamp.committed > observed.committed
}
