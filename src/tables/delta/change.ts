/** What changed after a version, from the commits alone: no listing, no checkpoint. */
import type { Change, FileEntry, TableMetadata } from '../change.ts'
import { ObjectTooLarge, type StoredObject, type TableStore } from '../store.ts'
import { AHEAD, type CommitHead, type FileSink, LARGEST_AHEAD, readActions } from './commit.ts'
import { requireReadable } from './features.ts'
import { Held, HeldFiles, SharedValues } from './held.ts'
import { logicalNames, renamed } from './mapping.ts'
import { commitKey, LOG, padVersion, parseLogName } from './names.ts'
import { decodePath, fileKey, vectorId } from './paths.ts'

/** A change without its files: enough for a catalog. */
export type StateChange = Pick<Change, 'after' | 'version' | 'timestamp' | 'operation' | 'metadata' | 'protocol'>

/**
 * The files, metadata and protocol that the commits in (`after`, `version`] set: one GET each. `undefined` when one of them is
 * missing, because it was cleaned up or is not written yet: read the whole state then. `known` is the metadata at `after`;
 * without it, partition values of a table with column mapping keep their physical names.
 *
 * @throws {Refused} for a commit that is not JSON or breaks the protocol, and for a protocol that must not be read.
 */
export async function readChange(
  store: TableStore,
  after: number,
  version: number,
  known?: TableMetadata,
): Promise<Change | undefined> {
  const files = new NetFiles()
  const state = await readCommits(store, after, version, files)
  return state && { ...state, ...files.result(state.metadata ?? known) }
}

/** As {@link readChange}, without the files: their lines are skipped, not parsed. */
export function readCommitState(store: TableStore, after: number, version: number): Promise<StateChange | undefined> {
  return readCommits(store, after, version)
}

/** Several large ones at a time would not fit into memory: each is fetched when it is its turn. */
async function getAhead(store: TableStore, key: string): Promise<StoredObject | 'large' | undefined> {
  try {
    return await store.get(key, LARGEST_AHEAD)
  } catch (error) {
    if (error instanceof ObjectTooLarge) return 'large'
    throw error
  }
}

/** Receives the file actions of commits. */
export interface FileTaker {
  readonly sink: FileSink
  /** The end of a commit: the order of actions within a commit has no meaning (Delta protocol, "Actions"). */
  commit?(): void
}

export async function readCommits(
  store: TableStore,
  after: number,
  version: number,
  files?: FileTaker,
): Promise<StateChange | undefined> {
  let [head, timestamp]: [CommitHead, number] = [{ sidecars: [] }, 0]
  for (let first = after + 1; first <= version; first += AHEAD) {
    const versions = Array.from({ length: Math.min(AHEAD, version - first + 1) }, (_, at) => first + at)
    const objects = await Promise.all(versions.map((one) => getAhead(store, commitKey(one))))
    for (const [at, found] of objects.entries()) {
      const object = found === 'large' ? await store.get(commitKey(first + at)) : found
      if (object === undefined) return undefined
      const {
        protocol = head.protocol,
        metadata = head.metadata,
        ...rest
      } = readActions(commitKey(first + at), object.bytes, files?.sink)
      head = { ...rest, protocol, metadata }
      timestamp = rest.inCommitTimestamp ?? object.modified
      files?.commit?.()
    }
  }
  return version > after ? stateChange(head, { after, version, timestamp }) : undefined
}

function stateChange(
  { operation, ...head }: CommitHead,
  at: Pick<StateChange, 'after' | 'version' | 'timestamp'>,
): StateChange {
  const protocol = head.protocol?.()
  if (protocol !== undefined) requireReadable(protocol, { version: at.version, protocol })
  const metadata = head.metadata?.()
  return { ...at, operation, metadata, protocol }
}

/** The net files of several commits: the latest one decides. */
class NetFiles {
  readonly #held = new Held()
  readonly #added = new HeldFiles<FileEntry>(this.#held)
  readonly #values = new SharedValues(this.#held)
  readonly #removed = new HeldFiles<Pick<FileEntry, 'path' | 'deletionVector'>>(this.#held)
  #dataChange = false

  readonly sink: FileSink = ({ kind, path: encoded, size, rows, partitionValues, vector, dataChange }) => {
    const path = decodePath(encoded)
    const deletionVector = vector && vectorId(vector)
    const id = { path, deletionVector }
    const key = fileKey(path, deletionVector)
    this.#dataChange ||= dataChange
    if (kind === 'remove') {
      this.#added.delete(key)
      this.#removed.set(key, id)
    } else {
      this.#removed.delete(key)
      this.#added.set(key, {
        ...id,
        size,
        rows,
        deletedRows: vector?.cardinality ?? 0,
        partitionValues: this.#values.of(partitionValues),
      })
    }
  }

  /** `metadata` has the logical names of the partition columns. */
  result(metadata: TableMetadata | undefined): Pick<Change, 'added' | 'removed' | 'dataChange'> {
    const names = metadata === undefined ? new Map<string, string>() : logicalNames(metadata)
    const files = this.#added.values()
    // A million copies would take a hundred MB.
    const added =
      names.size === 0
        ? files
        : files.map((file) => ({ ...file, partitionValues: renamed(file.partitionValues, names) }))
    return { added, removed: this.#removed.values(), dataChange: this.#dataChange }
  }
}

/** The newest commit after a version, and whether those in between still exist. */
interface CommitList {
  /** `after` itself when there is nothing newer. */
  readonly version: number
  /** Whether every commit after `after` exists, so that {@link readChange} finds them. */
  readonly complete: boolean
}

/** One LIST that begins after the commit `after` (-1: from the beginning). */
export async function listCommits(store: TableStore, after: number): Promise<CommitList> {
  let [version, count] = [after, 0]
  for await (const { key } of store.list(LOG, after < 0 ? undefined : `${LOG}${padVersion(after)}.~`)) {
    if (key > `${LOG}:`) break
    const name = parseLogName(key)
    if (name.kind !== 'commit') continue
    version = Math.max(version, name.version)
    count += 1
  }
  return { version, complete: count === version - after }
}
