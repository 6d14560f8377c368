import { Refused } from '../../core/refused.ts'
import type { Change, FileEntry } from '../change.ts'
import type { NewFiles, TableLog } from '../log.ts'
import type { TableStore } from '../store.ts'
import { listCommits, readChange } from './change.ts'
import { readNewFiles, withNames } from './new-files.ts'
import { readState } from './state.ts'

/** Delta's own log, as reactions read it. */
export function deltaLog(store: TableStore): TableLog {
  return {
    newest: (after) => newest(store, after),
    change: (after, version) => change(store, after, version),
    newFiles: (after, version) => newFiles(store, after, version),
    async live() {
      // Loaded on demand, as it is large and rarely needed: only if the log no longer goes back to the cursor.
      const { readSnapshot } = await import('./snapshot.ts')
      const { version, timestamp, files } = await readSnapshot(store)
      return { version, timestamp, files: each(files) }
    },
  }
}

/** One LIST from the commit `after` on; of the whole log where that commit is missing. */
async function newest(store: TableStore, after: number): Promise<number> {
  const before = Math.max(after, 0) - 1
  const { version } = await listCommits(store, before)
  if (version > before) return version
  try {
    return (await readState(store)).version
  } catch (error) {
    if (error instanceof Refused && error.code === 'not-a-delta-table') return -1
    throw error
  }
}

/**
 * With column mapping, partition values are keyed by physical names. Where the commits have no metadata, the metadata in
 * force has the logical names.
 */
async function change(store: TableStore, after: number, version: number): Promise<Change | undefined> {
  const found = await readChange(store, after, version)
  if (found === undefined || found.metadata !== undefined || !arePartitioned(found.added)) return found
  return { ...found, added: withNames(found.added, (await readState(store, version)).metadata) }
}

async function newFiles(store: TableStore, after: number, version: number): Promise<NewFiles | undefined> {
  const found = await readNewFiles(store, after, version)
  if (found === undefined) return undefined
  const { metadata: known, files, ...rest } = found
  if (!arePartitioned(files)) return { ...rest, files }
  return { ...rest, files: withNames(files, known ?? (await readState(store, version)).metadata) }
}

function arePartitioned(files: readonly FileEntry[]): boolean {
  return files.some(({ partitionValues }) => Object.keys(partitionValues).length > 0)
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values
}
