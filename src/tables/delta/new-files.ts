import type { FileEntry, TableMetadata } from '../change.ts'
import type { NewFiles } from '../log.ts'
import type { TableStore } from '../store.ts'
import { type FileTaker, readCommits } from './change.ts'
import type { FileSink } from './commit.ts'
import { Held, HeldFiles, SharedValues } from './held.ts'
import { logicalNames, renamed } from './mapping.ts'
import { decodePath, vectorId } from './paths.ts'

/**
 * The files with new rows that the commits in (`after`, `version`] wrote: one GET each. Rearrangements are ignored, since the
 * files that they replaced exist until VACUUM and have the same rows. `metadata` is that of these commits, if one of
 * them sets it. Partition values are keyed by physical names until {@link withNames}.
 *
 * Is `undefined`, and throws, as `readChange` does.
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
  return { version, timestamp, files: rows.files(), metadata }
}

/** The same files, by logical column names. */
export function withNames(files: readonly FileEntry[], metadata: TableMetadata): readonly FileEntry[] {
  const names = logicalNames(metadata)
  if (names.size === 0) return files
  return files.map((file) => ({ ...file, partitionValues: renamed(file.partitionValues, names) }))
}

/** Bytes of a file beside its path, until its commit ends. */
const PENDING = 200

class NewRows implements FileTaker {
  readonly #held = new Held()
  readonly #files = new HeldFiles<FileEntry>(this.#held)
  readonly #values = new SharedValues(this.#held)
  /** Of the current commit. */
  #added: FileEntry[] = []
  #removed: string[] = []
  #pending = 0

  readonly sink: FileSink = ({ kind, path: encoded, size, rows, partitionValues, vector, dataChange }) => {
    if (!dataChange) return
    const path = decodePath(encoded)
    const bytes = PENDING + path.length
    this.#held.add(bytes)
    this.#pending += bytes
    if (kind === 'remove') this.#removed.push(path)
    else {
      const marked = vector && { deletionVector: vectorId(vector), deletedRows: vector.cardinality }
      this.#added.push({
        path,
        size,
        rows,
        deletedRows: 0,
        partitionValues: this.#values.of(partitionValues),
        ...marked,
      })
    }
  }

  /** A file that is added with a deletion vector existed before: it has fewer rows, and no new ones. */
  commit(): void {
    const added = this.#added.filter(
      ({ path, deletionVector }) => deletionVector === undefined || this.#files.has(path),
    )
    this.#held.drop(this.#pending)
    for (const path of this.#removed) this.#files.delete(path)
    for (const file of added) this.#files.set(file.path, file)
    ;[this.#added, this.#removed, this.#pending] = [[], [], 0]
  }

  files(): FileEntry[] {
    return this.#files.values()
  }
}
