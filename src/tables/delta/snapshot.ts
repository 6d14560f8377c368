/** A table at one version, with its files. */
import type { FileEntry, Protocol, TableMetadata, TableState } from '../change.ts'
import type { TableStore } from '../store.ts'
import { CheckpointReader } from './checkpoint.ts'
import type { CommitHead } from './commit.ts'
import { FileTable, type Totals } from './files.ts'
import type { Segment } from './listing.ts'
import { logicalNames } from './mapping.ts'
import { RefusedTable } from './refused.ts'
import { replayCheckpointFile, replayCommit, takeAction } from './replay.ts'
import { completeState, firstReadable, newestFirst, readable, readSegmentState } from './state.ts'

export interface Snapshot extends TableState {
  readonly totals: Totals
  /** The live files, in no particular order. Can be iterated again. */
  readonly files: Iterable<FileEntry>
}

/**
 * A table at `version`, the newest when undefined, with its live files.
 *
 * @throws {RefusedTable} as `readState` does, and for a commit that is not JSON or breaks the protocol.
 */
export function readSnapshot(store: TableStore, version?: number): Promise<Snapshot> {
  return firstReadable(store, version, readSegmentSnapshot)
}

async function readSegmentSnapshot(store: TableStore, segment: Segment): Promise<Snapshot> {
  try {
    return await replay(store, segment)
  } catch (error) {
    // If the protocol must not be read, that explains a line that does not parse, and is the better reason.
    if (error instanceof RefusedTable) throw error.with(await readSegmentState(store, segment))
    throw error
  }
}

async function replay(store: TableStore, segment: Segment): Promise<Snapshot> {
  const table = new FileTable()
  let protocol: Protocol | undefined
  let metadata: TableMetadata | undefined
  let last: CommitHead | undefined
  for await (const { key, object } of newestFirst(store, segment)) {
    const head = replayCommit(key, object.bytes, table)
    last ??= head
    protocol ??= readable(head.protocol?.(), segment)
    metadata ??= head.metadata?.()
  }
  if (segment.checkpoint !== undefined) {
    const checkpoint = new CheckpointReader(store, segment.checkpoint)
    const head = await checkpoint.head((action) => takeAction(table, action, false))
    protocol ??= readable(head.protocol, segment)
    metadata ??= head.metadata
    for await (const file of checkpoint.files(head.sidecars))
      await file.read((parquet) => replayCheckpointFile(parquet, table, metadata?.partitionColumns.length !== 0))
  }
  const state = await completeState(store, segment, { protocol, metadata, last })
  const names = logicalNames(state.metadata)
  return { ...state, totals: table.totals(), files: { [Symbol.iterator]: () => table.live(names) } }
}
