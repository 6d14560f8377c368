import { type CatalogTable, isInCatalog } from '../../glue/settings.ts'
import { Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Reaction, Wake } from '../../core/reaction.ts'
import { act } from '../../glue/act.ts'
import type { TableAction } from '../../glue/actions.ts'
import { fingerprint } from '../../glue/merge.ts'
import type { GlueLookup } from '../../glue/ports.ts'
import { subjectTable } from '../../lake/subjects.ts'
import type { TableMetadata } from '../../tables/change.ts'
import { listCommits, readCommitState } from '../../tables/delta/change.ts'
import { readState } from '../../tables/delta/state.ts'
import type { TableStore } from '../../tables/store.ts'
import { decide, type ObservedTable } from './decide.ts'
import type { CatalogPorts } from './ports.ts'
import { definitionOf, metadataIn } from './record.ts'

/** Beyond this many commits, reading a checkpoint and what follows costs less. */
const FAR_BEHIND = 20

/** Keeps a Delta table's record in the Glue Data Catalog in sync with its log. docs/reactions/catalog.md. */
export function catalogReaction(ports: CatalogPorts): Reaction<ObservedTable, TableAction> {
  return {
    name: 'catalog',
    async observe(wake, cursor) {
      const table = subjectTable(wake.subject, ports.tables)
      if (!isInCatalog(table) || table.format !== 'delta') return undefined
      return observe(table, wake, cursor, ports)
    },
    decide,
    act: (action) => act(action, ports.glue),
  }
}

/** The log's version, and the metadata if it was set since the cursor. */
type LogState = Pick<ObservedTable, 'version' | 'committed' | 'metadata'>

async function observe(
  table: CatalogTable,
  wake: Wake,
  cursor: Cursor,
  ports: CatalogPorts,
): Promise<ObservedTable | undefined> {
  const store = ports.storeOf(table)
  const log = await readLog(store, wake, cursor)
  if (log === undefined) return undefined
  const { database, table: name } = table.catalog
  const find = (): Promise<GlueLookup> => ports.glue.find(database, name)
  if (wake.full === true) {
    const found = await find()
    const metadata =
      log.metadata ?? recordedMetadata(table, found, cursor) ?? (await readState(store, log.version)).metadata
    return { ...log, table, metadata, found }
  }
  const isUpToDate = log.metadata === undefined || fingerprint(definitionOf(table, log.metadata)) === cursor.state
  return isUpToDate ? { ...log, table } : { ...log, table, found: await find() }
}

/**
 * Reads the log from the cursor on. An event that names the next version costs one GET; the log is listed only if the newest
 * version is not known. `undefined`: nothing new, or no table yet.
 */
async function readLog(store: TableStore, wake: Wake, cursor: Cursor): Promise<LogState | undefined> {
  if (cursor.version < 0 || (await isRecreated(store, wake, cursor))) return wholeState(store)
  // While the subject is refused, events are acknowledged without effect, so there may be more than this one names.
  const knowsAll = wake.full !== true && cursor.refusal === undefined
  const head = knowsAll ? wake.version : undefined
  const newest = head ?? (await listCommits(store, cursor.version)).version
  if (newest <= cursor.version) {
    return wake.full === true ? { version: cursor.version, committed: cursor.committed } : undefined
  }
  if (newest - cursor.version > FAR_BEHIND) return wholeState(store)
  const commits = await readCommitState(store, cursor.version, newest)
  if (commits === undefined) return wholeState(store)
  return { version: commits.version, committed: commits.timestamp, metadata: commits.metadata }
}

/**
 * Whether the table was deleted and recreated at the same place, so that its versions restart. Then an event names a version
 * that was done long ago, but its commit is newer than the cursor's; or the cursor's own commit has another time now.
 */
async function isRecreated(store: TableStore, wake: Wake, cursor: Cursor): Promise<boolean> {
  if (wake.full === true) return (await commitTime(store, cursor.version)) !== cursor.committed
  if (wake.version === undefined || wake.version >= cursor.version) return false
  return ((await commitTime(store, wake.version)) ?? 0) > cursor.committed
}

async function commitTime(store: TableStore, version: number): Promise<number | undefined> {
  return (await readCommitState(store, version - 1, version))?.timestamp
}

/** `undefined`: the table was not created yet. Any other refusal is thrown. */
async function wholeState(store: TableStore): Promise<LogState | undefined> {
  try {
    const { version, timestamp, metadata } = await readState(store)
    return { version, committed: timestamp, metadata }
  } catch (error) {
    if (error instanceof Refused && error.code === 'not-a-delta-table') return undefined
    throw error
  }
}

/** The metadata that the record was made from. If it matches the cursor's state, the log need not be read for it. */
function recordedMetadata(table: CatalogTable, found: GlueLookup, cursor: Cursor): TableMetadata | undefined {
  const metadata = found.kind === 'table' ? metadataIn(found.definition) : undefined
  if (metadata === undefined || cursor.state === undefined) return undefined
  return fingerprint(definitionOf(table, metadata)) === cursor.state ? metadata : undefined
}
