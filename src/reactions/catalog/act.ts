import type { Outcome } from '../reaction.ts'
import type { Action } from './decide.ts'
import type { Glue } from './glue.ts'

const DATABASE_DESCRIPTION = 'Made by Landfall, for tables that it keeps in step with their logs.'

/**
 * Carries out one action. Safe to repeat: what was made before exists, and an update of a version that is gone changes
 * nothing; both are lost races, after which the shell looks again.
 */
export async function act(action: Action, glue: Glue): Promise<Outcome> {
  if (action.kind === 'create-database') {
    await glue.createDatabase(action.database, DATABASE_DESCRIPTION)
    return { kind: 'done' }
  }
  const { database, definition } = action
  const answer =
    action.kind === 'create-table'
      ? await glue.createTable(database, definition)
      : await glue.updateTable(database, definition, action.versionId)
  return { kind: answer === 'conflict' ? 'conflict' : 'done' }
}
