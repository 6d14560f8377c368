import type { Outcome } from '../core/reaction.ts'
import type { CatalogAction } from './actions.ts'
import type { Glue } from './ports.ts'

const DATABASE_DESCRIPTION = 'Created by Landfall for the tables that it keeps in the catalog.'

/**
 * Carries out one action. Safe to repeat: creating what exists, or updating a version that is gone, changes nothing. A lost
 * race is a `conflict`, after which the reaction observes again.
 */
export async function act(action: CatalogAction, glue: Glue): Promise<Outcome> {
  return { kind: (await call(action, glue)) === 'conflict' ? 'conflict' : 'done' }
}

function call(action: CatalogAction, glue: Glue): Promise<string> {
  const { database } = action
  switch (action.kind) {
    case 'create-database':
      return glue.createDatabase(database, DATABASE_DESCRIPTION)
    case 'create-table':
      return glue.createTable(database, action.definition)
    case 'update-table':
      return glue.updateTable(database, action.definition, action.versionId)
    case 'create-partitions':
      return glue.createPartitions(database, action.table, action.partitions)
    case 'update-partitions':
      return glue.updatePartitions(database, action.table, action.partitions)
    case 'delete-partitions':
      return glue.deletePartitions(database, action.table, action.partitions)
  }
}
