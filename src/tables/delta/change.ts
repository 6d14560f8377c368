/** What a table's log holds after a version, from its commits alone: no listing, no checkpoint. */
import type { Change, FileEntry, TableMetadata } from '../change.ts'
import type { TableStore } from '../store.ts'
import { type CommitHead, type FileSink, readActions } from './commit.ts'
import { requireReadable } from './features.ts'
import { logicalNames, renamed } from './mapping.ts'
import { commitKey, LOG, padVersion, parseLogName } from './names.ts'
import { decodePath, fileKey, vectorId } from './paths.ts'

/** A change without its files: all that a catalog needs. */
export type StateChange = Pick<Change, 'after' | 'version' | 'timestamp' | 'operation' | 'metadata' | 'protocol'>

/**
 * The files, metadata and protocol that the commits in (`after`, `version`] set: one GET each. `undefined` when one of them is
 * not there, because it was cleaned up or is not written yet: read the whole state then. `known` is the metadata in force at
 * `after`: without it the partition values of a table with column mapping keep their physical names.
 *
 * Throws `Refused` for a commit that is not JSON or breaks the protocol, and for a protocol that may not be read.
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

/** As {@link readChange}, for those who do not ask for the files: their lines are skipped, not parsed. */
export function readCommitState(store: TableStore, after: number, version: number): Promise<StateChange | undefined> {
  return readCommits(store, after, version)
}

/** At most this many commits are asked for at once. */
const AHEAD = 8

/** Takes the file actions of commits. */
export interface FileTaker {
  readonly sink: FileSink
  /** A commit ends; the order of the actions within one means nothing (Delta protocol, "Actions"). */
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
    const objects = await Promise.all(versions.map((one) => store.get(commitKey(one))))
    for (const [at, object] of objects.entries()) {
      if (object === undefined) return undefined
      const {
        protocol = head.protocol,
        metadata = head.metadata,
        ...rest
      } = readActions(commitKey(first + at), object.bytes, files?.sink)
      head = { ...rest, ...(protocol && { protocol }), ...(metadata && { metadata }) }
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
  return {
    ...at,
    ...(operation !== undefined && { operation }),
    ...(metadata && { metadata }),
    ...(protocol && { protocol }),
  }
}

/** The files of several commits, the later ones deciding. */
class NetFiles {
  readonly #added = new Map<string, FileEntry>()
  readonly #removed = new Map<string, Pick<FileEntry, 'path' | 'deletionVector'>>()
  #dataChange = false

  readonly sink: FileSink = ({ kind, path: encoded, size, rows, partitionValues, vector, dataChange }) => {
    const path = decodePath(encoded)
    const deletionVector = vector && vectorId(vector)
    const id = { path, ...(deletionVector !== undefined && { deletionVector }) }
    const key = fileKey(path, deletionVector)
    this.#dataChange ||= dataChange
    if (kind === 'remove') {
      this.#added.delete(key)
      this.#removed.set(key, id)
    } else {
      this.#removed.delete(key)
      this.#added.set(key, { ...id, size, rows, deletedRows: vector?.cardinality ?? 0, partitionValues })
    }
  }

  /** `metadata` names the partition columns, if anything does. */
  result(metadata: TableMetadata | undefined): Pick<Change, 'added' | 'removed' | 'dataChange'> {
    const names = metadata === undefined ? new Map<string, string>() : logicalNames(metadata)
    const added = Array.from(this.#added.values(), (file) => ({
      ...file,
      partitionValues: renamed(file.partitionValues, names),
    }))
    return { added, removed: [...this.#removed.values()], dataChange: this.#dataChange }
  }
}

/** The newest commit after some version, and whether all between are still there. */
export interface CommitList {
  /** `after` itself when nothing newer is there. */
  readonly version: number
  /** True when every commit after `after` is there, so that {@link readChange} will find them. */
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
