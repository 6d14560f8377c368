import type { FileEntry, TableMetadata } from '../change.ts'
import type { NewFiles } from '../log.ts'
import type { TableStore } from '../store.ts'
import { type FileTaker, readCommits } from './change.ts'
import type { FileSink } from './commit.ts'
import { logicalNames, renamed } from './mapping.ts'
import { decodePath, vectorId } from './paths.ts'

/**
 * The files with new rows that the commits in (`after`, `version`] wrote: one GET each. What a rearrangement did is passed
 * over, for the files that it replaced lie there until VACUUM, and hold the same rows. `metadata` of these commits, where
 * one of them sets it; partition values are keyed by physical names until {@link withNames}.
 *
 * `undefined`, and throws, as `readChange` does.
 */
export async function readNewFiles(
  store: TableStore,
  after: number,
  version: number,
): Promise<(NewFiles & { readonly metadata?: TableMetadata }) | undefined> {
  const rows = new NewRows()
  const state = await readCommits(store, after, version, rows)
  if (state === undefined) return undefined
  const { timestamp, metadata } = state
  return { version, timestamp, files: rows.files(), ...(metadata && { metadata }) }
}

/** The same files, with the columns' own names. */
export function withNames(files: readonly FileEntry[], metadata: TableMetadata): readonly FileEntry[] {
  const names = logicalNames(metadata)
  if (names.size === 0) return files
  return files.map((file) => ({ ...file, partitionValues: renamed(file.partitionValues, names) }))
}

class NewRows implements FileTaker {
  readonly #files = new Map<string, FileEntry>()
  #added: FileEntry[] = []
  #removed: string[] = []

  readonly sink: FileSink = ({ kind, path: encoded, size, rows, partitionValues, vector, dataChange }) => {
    if (!dataChange) return
    const path = decodePath(encoded)
    if (kind === 'remove') this.#removed.push(path)
    else {
      const marked = vector && { deletionVector: vectorId(vector), deletedRows: vector.cardinality }
      this.#added.push({ path, size, rows, deletedRows: 0, partitionValues, ...marked })
    }
  }

  /** A file that is added with a deletion vector was there before: it has fewer rows, and no new ones. */
  commit(): void {
    const added = this.#added.filter(
      ({ path, deletionVector }) => deletionVector === undefined || this.#files.has(path),
    )
    for (const path of this.#removed) this.#files.delete(path)
    for (const file of added) this.#files.set(file.path, file)
    ;[this.#added, this.#removed] = [[], []]
  }

  files(): FileEntry[] {
    return [...this.#files.values()]
  }
}
