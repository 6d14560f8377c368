import type { Change, FileEntry } from '../change.ts'
import type { TableLog } from '../log.ts'
import type { LandedFile, LandingStore } from './landing-log.ts'
import { type Partitioning, valuesIn } from './partition.ts'

interface LandingTable extends Partitioning {
  readonly name: string
}

/** The log of a table of files, as reactions read it. */
export function landingLog(store: LandingStore, table: LandingTable): TableLog {
  return {
    newest: () => store.newest(table.name),
    change: (after, version) => change(store, table, after, version),
    async newFiles(after, version) {
      const found = await change(store, table, after, version)
      return found && { version, timestamp: found.timestamp, files: found.added }
    },
    live: () => live(store, table),
  }
}

async function change(
  store: LandingStore,
  table: LandingTable,
  after: number,
  version: number,
): Promise<Change | undefined> {
  const net = new NetChange()
  let [last, timestamp] = [after, 0]
  for await (const each of store.read(table.name, after, version)) {
    if (each.version !== last + 1) return undefined
    for (const path of each.removed) net.remove(path)
    for (const file of each.added) net.add(file)
    ;[last, timestamp] = [each.version, each.timestamp]
  }
  if (last !== version || version <= after) return undefined
  const [added, removed] = [net.added().map((file) => entryOf(file, table)), net.removed()]
  return { after, version, timestamp, added, removed, dataChange: added.length + removed.length > 0 }
}

/** Several versions as one: a file that was added and removed within them does not appear. */
class NetChange {
  /** By path: whether it was live before, and what is live now. */
  readonly #files = new Map<string, { before: boolean; now?: LandedFile }>()

  remove(path: string): void {
    const before = this.#files.get(path)?.before ?? true
    this.#files.set(path, { before })
  }

  add(file: LandedFile): void {
    const before = this.#files.get(file.path)?.before ?? false
    this.#files.set(file.path, { before, now: file })
  }

  added(): LandedFile[] {
    return [...this.#files.values()].flatMap(({ now }) => now ?? [])
  }

  /** Overwritten files too: their former content is gone. */
  removed(): { path: string }[] {
    return [...this.#files].flatMap(([path, { before }]) => (before ? { path } : []))
  }
}

/**
 * What is live at the version that is the newest at the time of the call. Others may append while the objects are walked:
 * what they change is left out, since the next change has all of it.
 */
async function live(store: LandingStore, table: LandingTable): ReturnType<TableLog['live']> {
  const version = await store.newest(table.name)
  let timestamp = 0
  for await (const newest of store.read(table.name, version - 1, version)) timestamp = newest.timestamp
  return { version, timestamp, files: liveFiles(store, table, version) }
}

async function* liveFiles(store: LandingStore, table: LandingTable, upTo: number): AsyncGenerator<FileEntry> {
  for await (const { key, content, size, version } of store.walk(table.name))
    if (content !== undefined && version <= upTo) yield entryOf({ path: key, size }, table)
}

function entryOf({ path, size }: LandedFile, table: LandingTable): FileEntry {
  return { path, size, partitionValues: valuesIn(path, table), rows: null, deletedRows: 0 }
}
