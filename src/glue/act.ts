import type { Outcome } from '../core/reaction.ts'
import type { FilesAction } from '../reactions/catalog-files/decide.ts'
import type { Glue } from './ports.ts'

const DATABASE_DESCRIPTION = 'Made by Landfall, for tables that it keeps in step with their logs.'

/**
 * Carries out one action. Safe to repeat: what was made before exists, and an update of a version that is gone changes
 * nothing; both are lost races, after which the shell looks again.
 */
export async function act(action: FilesAction, glue: Glue): Promise<Outcome> {
  return { kind: (await call(action, glue)) === 'conflict' ? 'conflict' : 'done' }
}

function call(action: FilesAction, glue: Glue): Promise<string> {
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
