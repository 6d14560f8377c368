/** What a table is at one version, without its files. */
import type { Protocol, TableMetadata, TableState } from '../change.ts'
import type { StoredObject, TableStore } from '../store.ts'
import { BrokenCheckpoint } from './broken-checkpoint.ts'
import { type CommitHead, readActions } from './commit.ts'
import { requireReadable } from './features.ts'
import { type Segment, segments } from './listing.ts'
import { LOG, padVersion } from './names.ts'
import { RefusedTable } from './refused.ts'

/** How many commits are fetched ahead of the one that is looked at. */
export const AHEAD = 8

/**
 * Protocol, metadata and timestamp of a table at `version`, the newest when undefined. Reads the newest commits until both are
 * found, and of a checkpoint only those columns. Throws `Refused` (a {@link RefusedTable}, which carries what is known) for what may not or
 * cannot be read: an unknown reader feature, a catalog-managed table, a gap in the versions, no protocol or no metadata, a
 * version that is not there, a log that is damaged.
 */
export function readState(store: TableStore, version?: number): Promise<TableState> {
  return firstReadable(store, version, readSegmentState)
}

/** Tries the ways to put a version together, until one is not broken. */
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
  const names = [...new Set(broken.map((one) => one.key))]
  throw new RefusedTable(
    'broken-checkpoint',
    `Version ${target} cannot be read: ${broken.map((one) => one.message).join('; ')}; and the commits alone do not reach it.`,
    {
      unsupported: names,
      known: target === undefined ? {} : { version: target },
      advice: "Restore the checkpoint from a version of the bucket, or have the table's writer make a new one.",
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
    // Loaded where there is a checkpoint to read: a function that only follows commits starts without a Parquet reader.
    const { CheckpointReader } = await import('./checkpoint.ts')
    const head = await new CheckpointReader(store, segment.checkpoint).head()
    protocol ??= readable(head.protocol, segment)
    metadata ??= head.metadata
  }
  return completeState(store, segment, { protocol, metadata, last })
}

/** As soon as a protocol is known that may not be read, nothing else of the table is. */
export function readable(protocol: Protocol | undefined, { version }: Segment): Protocol | undefined {
  if (protocol !== undefined) requireReadable(protocol, { version, protocol })
  return protocol
}

/** The commits of a segment, from the newest to the oldest, some fetched ahead. A commit that vanished since the listing is retryable. */
export async function* newestFirst(
  store: TableStore,
  segment: Segment,
): AsyncGenerator<{ readonly key: string; readonly object: StoredObject }> {
  const waiting: Promise<StoredObject | undefined>[] = []
  const keys = segment.commits.map((one) => one.key).reverse()
  try {
    for (const [at, key] of keys.entries()) {
      // The newest commit alone answers most questions, so reading ahead begins with the second.
      for (let next = at + waiting.length; next < Math.min(keys.length, at === 0 ? 1 : at + AHEAD); next += 1)
        waiting.push(store.get(keys[next] as string))
      const object = await waiting.shift()
      if (object === undefined)
        throw new Error(`${key} is gone, although it was listed a moment ago: the log is being cleaned up`)
      yield { key, object }
    }
  } finally {
    await Promise.allSettled(waiting)
  }
}

interface Found {
  readonly protocol: Protocol | undefined
  readonly metadata: TableMetadata | undefined
  /** The head of the segment's last commit, where it has been read. */
  readonly last: CommitHead | undefined
}

/** Checks that nothing is missing, and tells the time. */
export async function completeState(store: TableStore, segment: Segment, found: Found): Promise<TableState> {
  const { version, checkpoint } = segment
  const { protocol, metadata } = found
  if (protocol === undefined || metadata === undefined) {
    const missing = protocol === undefined ? 'protocol' : 'metadata'
    if (checkpoint !== undefined) throw new BrokenCheckpoint(checkpoint.files[0]?.key ?? '', `it holds no ${missing}`)
    throw new RefusedTable(
      `no-${missing}`,
      `The log up to version ${version} holds no ${missing === 'protocol' ? 'protocol' : 'metaData'} action.`,
      {
        unsupported: [`no ${missing}`],
        known: { version, ...(protocol && { protocol }), ...(metadata && { metadata }) },
        advice: 'The table was never whole: have its writer create it again.',
      },
    )
  }
  const timestamp = await commitTime(store, segment, protocol, metadata, found.last)
  return { version, timestamp, protocol, metadata }
}

/** "In-Commit Timestamps", "Recommendations for Readers". */
async function commitTime(
  store: TableStore,
  segment: Segment,
  protocol: Protocol,
  metadata: TableMetadata,
  read: CommitHead | undefined,
): Promise<number> {
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
      advice: 'The commit breaks the Delta protocol: have its writer mended, and commit once more.',
    },
  )
}

async function headOf(store: TableStore, key: string): Promise<CommitHead | undefined> {
  const object = await store.get(key)
  return object && readActions(key, object.bytes)
}

/** Where the commit itself was cleaned up, the version's checksum file may still tell its time. */
async function checksumTime(store: TableStore, version: number): Promise<number | undefined> {
  const object = await store.get(`${LOG}${padVersion(version)}.crc`)
  if (object === undefined) return undefined
  try {
    const { inCommitTimestampOpt } = JSON.parse(new TextDecoder().decode(object.bytes)) as {
      inCommitTimestampOpt?: unknown
    }
    return typeof inCommitTimestampOpt === 'number' ? inCommitTimestampOpt : undefined
  } catch {
    return undefined
  }
}
