/** A table at one version, without its files. */
import { distinct } from '../../core/distinct.ts'
import { type EpochMs, isTime } from '../../core/time.ts'
import type { Protocol, TableMetadata, TableState } from '../change.ts'
import type { StoredObject, TableStore } from '../store.ts'
import { BrokenCheckpoint } from './broken-checkpoint.ts'
import { AHEAD, type CommitHead, LARGEST_AHEAD, readActions } from './commit.ts'
import { requireReadable } from './features.ts'
import { readHintFile } from './hint-file.ts'
import { type Segment, segments } from './listing.ts'
import { LOG, padVersion } from './names.ts'
import { RefusedTable } from './refused.ts'

/**
 * Protocol, metadata and timestamp of a table at `version`, the newest when undefined. Reads the newest commits until both are
 * found, and of a checkpoint only those columns.
 *
 * @throws {RefusedTable} for what must not or cannot be read: an unknown reader feature, a catalog-managed table, a gap in
 * the versions, no protocol or no metadata, a version that does not exist, a damaged log.
 */
export function readState(store: TableStore, version?: number): Promise<TableState> {
  return firstReadable(store, version, readSegmentState)
}

/** Tries the ways to rebuild a version until one is not broken. */
export async function firstReadable<Result>(
  store: TableStore,
  version: number | undefined,
  read: (store: TableStore, segment: Segment) => Promise<Result>,
): Promise<Result> {
  const broken: BrokenCheckpoint[] = []
  let target = version
  try {
    for await (const segment of segments(store, version)) {
      target = segment.version
      try {
        return await read(store, segment)
      } catch (error) {
        if (!(error instanceof BrokenCheckpoint)) throw error
        broken.push(error)
      }
    }
  } catch (error) {
    if (error instanceof RefusedTable && target !== undefined) throw error.with({ version: target })
    throw error
  }
  const names = distinct(broken.map((one) => one.key))
  throw new RefusedTable(
    'broken-checkpoint',
    `Version ${target} cannot be read: ${broken.map((one) => one.message).join('; ')}; and older commits that could replace it are gone.`,
    {
      unsupported: names,
      known: target === undefined ? {} : { version: target },
      advice:
        "Restore the checkpoint from an older version of the object, or have the table's writer create a new one.",
    },
    { cause: broken[0] },
  )
}

export async function readSegmentState(store: TableStore, segment: Segment): Promise<TableState> {
  let protocol: Protocol | undefined
  let metadata: TableMetadata | undefined
  let last: CommitHead | undefined
  for await (const { key, object } of newestFirst(store, segment)) {
    const head = readActions(key, object.bytes)
    last ??= head
    protocol ??= readable(head.protocol?.(), segment)
    metadata ??= head.metadata?.()
    if (protocol !== undefined && metadata !== undefined) break
  }
  if (segment.checkpoint !== undefined && (protocol === undefined || metadata === undefined)) {
    // Loaded on demand: a function that only follows commits starts without a Parquet reader.
    const { CheckpointReader } = await import('./checkpoint.ts')
    const head = await new CheckpointReader(store, segment.checkpoint).head()
    protocol ??= readable(head.protocol, segment)
    metadata ??= head.metadata
  }
  return completeState(store, segment, { protocol, metadata, last })
}

/** Refuses a protocol as soon as it is known, before anything else of the table is read. */
export function readable(protocol: Protocol | undefined, { version }: Segment): Protocol | undefined {
  if (protocol !== undefined) requireReadable(protocol, { version, protocol })
  return protocol
}

/** A segment's commits, newest first, some fetched ahead. A commit that vanished since the listing is an error to retry. */
export async function* newestFirst(
  store: TableStore,
  segment: Segment,
): AsyncGenerator<{ readonly key: string; readonly object: StoredObject }> {
  const waiting: Promise<StoredObject | undefined>[] = []
  const commits = segment.commits.toReversed()
  try {
    for (const [at, { key }] of commits.entries()) {
      // The newest commit is often enough, so reading ahead begins with the second.
      for (let next = at + waiting.length; next < Math.min(commits.length, at === 0 ? 1 : at + AHEAD); next += 1) {
        const ahead = commits[next]!
        // Several large ones at a time would not fit into memory.
        if (waiting.length > 0 && ahead.size > LARGEST_AHEAD) break
        waiting.push(store.get(ahead.key))
      }
      const object = await waiting.shift()
      if (object === undefined) throw new Error(`${key} was deleted since it was listed: the log is being cleaned up`)
      yield { key, object }
    }
  } finally {
    await Promise.allSettled(waiting)
  }
}

interface StateParts {
  readonly protocol: Protocol | undefined
  readonly metadata: TableMetadata | undefined
  /** The head of the segment's last commit, where it has been read. */
  readonly last: CommitHead | undefined
}

/** Checks that nothing is missing, and adds the timestamp. */
export async function completeState(store: TableStore, segment: Segment, found: StateParts): Promise<TableState> {
  const { version, checkpoint } = segment
  const { protocol, metadata } = found
  if (protocol === undefined || metadata === undefined) {
    const missing = protocol === undefined ? 'protocol' : 'metadata'
    if (checkpoint !== undefined) throw new BrokenCheckpoint(checkpoint.files[0]?.key ?? '', `it has no ${missing}`)
    throw new RefusedTable(
      `no-${missing}`,
      `The log up to version ${version} has no ${missing === 'protocol' ? 'protocol' : 'metaData'} action.`,
      {
        unsupported: [`no ${missing}`],
        known: { version, ...(protocol && { protocol }), ...(metadata && { metadata }) },
        advice: 'The table was never complete: create it again with its writer.',
      },
    )
  }
  const timestamp = await commitTime(store, segment, protocol, metadata, found.last)
  return { version, timestamp, protocol, metadata }
}

/** Delta protocol, "In-Commit Timestamps", "Recommendations for Readers". */
async function commitTime(
  store: TableStore,
  segment: Segment,
  protocol: Protocol,
  metadata: TableMetadata,
  read: CommitHead | undefined,
): Promise<EpochMs> {
  const { version, last, checkpoint } = segment
  const written = last?.modified ?? checkpoint?.files[0]?.modified ?? 0
  const { properties } = metadata
  const enabled =
    properties['delta.enableInCommitTimestamps']?.toLowerCase() === 'true' &&
    protocol.writerFeatures.some((name) => name.startsWith('inCommitTimestamp'))
  if (!enabled || version < Number(properties['delta.inCommitTimestampEnablementVersion'] ?? 0)) return written
  if (last === undefined) return (await checksumTime(store, version)) ?? written
  const head = read ?? (await headOf(store, last.key))
  if (head?.inCommitTimestamp !== undefined) return head.inCommitTimestamp
  throw new RefusedTable(
    'no-in-commit-timestamp',
    `${last.key}: expected commitInfo.inCommitTimestamp, as the table has in-commit timestamps; found none.`,
    {
      unsupported: [last.key],
      known: { version, protocol, metadata },
      advice: 'The commit breaks the Delta protocol: fix its writer, and commit again.',
    },
  )
}

async function headOf(store: TableStore, key: string): Promise<CommitHead | undefined> {
  const object = await store.get(key)
  return object && readActions(key, object.bytes)
}

/** If the commit was cleaned up, the version's checksum file may still have its timestamp. */
async function checksumTime(store: TableStore, version: number): Promise<number | undefined> {
  const { inCommitTimestampOpt: time } = (await readHintFile(store, `${LOG}${padVersion(version)}.crc`)) ?? {}
  return isTime(time) ? time : undefined
}
