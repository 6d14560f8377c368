import { Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Reaction, Wake } from '../../core/reaction.ts'
import { act } from '../../glue/act.ts'
import type { TableAction } from '../../glue/actions.ts'
import { fingerprint } from '../../glue/merge.ts'
import type { GlueLookup } from '../../glue/ports.ts'
import type { Table } from '../../lake/lake.ts'
import { subjectTable } from '../../lake/subjects.ts'
import type { TableMetadata } from '../../tables/change.ts'
import { listCommits, readCommitState } from '../../tables/delta/change.ts'
import { readState } from '../../tables/delta/state.ts'
import type { TableStore } from '../../tables/store.ts'
import { decide, type ObservedTable } from './decide.ts'
import type { CatalogPorts } from './ports.ts'
import { definitionOf, metadataIn } from './record.ts'

/** Past so many commits, a checkpoint and what follows it cost less than the commits. */
const FAR_BEHIND = 20

/** Keeps a Delta table's record in the Glue Data Catalog equal to what its log says. docs/reactions/catalog.md. */
export function catalogReaction(ports: CatalogPorts): Reaction<ObservedTable, TableAction> {
  return {
    name: 'catalog',
    async observe(wake, cursor) {
      const table = subjectTable(wake.subject, ports.tables)
      if (table?.catalog === undefined || table.format !== 'delta') return undefined
      return observe(table, wake, cursor, ports)
    },
    decide,
    act: (action) => act(action, ports.glue),
  }
}

/** Where the log stands, and the metadata if anything since the cursor set it. */
type Log = Pick<ObservedTable, 'version' | 'committed' | 'metadata'>

async function observe(
  table: Table,
  wake: Wake,
  cursor: Cursor,
  ports: CatalogPorts,
): Promise<ObservedTable | undefined> {
  if (table.catalog === undefined) return undefined
  const store = ports.storeOf(table)
  const log = await readLog(store, wake, cursor)
  if (log === undefined) return undefined
  const { database, table: name } = table.catalog
  const look = (): Promise<GlueLookup> => ports.glue.find(database, name)
  if (wake.full === true) {
    const found = await look()
    const metadata = log.metadata ?? remembered(table, found, cursor) ?? (await readState(store, log.version)).metadata
    return { ...log, table, metadata, found }
  }
  const isUpToDate = log.metadata === undefined || fingerprint(definitionOf(table, log.metadata)) === cursor.state
  return isUpToDate ? { ...log, table } : { ...log, table, found: await look() }
}

/**
 * Where the log stands. An event that names the next version costs one GET; only who does not know the newest version
 * lists. `undefined`: nothing past the cursor that anyone asked for, or no table there.
 */
async function readLog(store: TableStore, wake: Wake, cursor: Cursor): Promise<Log | undefined> {
  if (cursor.version < 0 || (await isAnew(store, wake, cursor))) return wholeState(store)
  // While it is refused, events are settled without being done: there may be more than this one names.
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
 * Whether the table was deleted and made anew at the same place, so that its versions begin again: then an event names a
 * version that was done long ago, with a commit that is younger than that; or the commit that was done last is another.
 */
async function isAnew(store: TableStore, wake: Wake, cursor: Cursor): Promise<boolean> {
  if (wake.full === true) return (await commitTime(store, cursor.version)) !== cursor.committed
  if (wake.version === undefined || wake.version >= cursor.version) return false
  return ((await commitTime(store, wake.version)) ?? 0) > cursor.committed
}

async function commitTime(store: TableStore, version: number): Promise<number | undefined> {
  return (await readCommitState(store, version - 1, version))?.timestamp
}

/** `undefined`: the writer that lake.yml waits for has not made its table yet. Any other refusal is one. */
async function wholeState(store: TableStore): Promise<Log | undefined> {
  try {
    const { version, timestamp, metadata } = await readState(store)
    return { version, committed: timestamp, metadata }
  } catch (error) {
    if (error instanceof Refused && error.code === 'not-a-delta-table') return undefined
    throw error
  }
}

/** The record says itself what it was made from; if that is what the cursor remembers, the log need not be read for it. */
function remembered(table: Table, found: GlueLookup, cursor: Cursor): TableMetadata | undefined {
  const metadata = found.kind === 'table' ? metadataIn(found.definition) : undefined
  if (metadata === undefined || cursor.state === undefined) return undefined
  return fingerprint(definitionOf(table, metadata)) === cursor.state ? metadata : undefined
}
