/** Lists a log, and finds how a version can be rebuilt from it (Delta protocol, "Checkpoints", "Metadata Cleanup"). */
import { readHintFile } from './hint-file.ts'
import type { Listed, TableStore } from '../store.ts'
import { commitKey, LOG, padVersion, parseLogName } from './names.ts'
import { RefusedTable } from './refused.ts'

/** A checkpoint of which every file exists. */
export interface Checkpoint {
  readonly version: number
  readonly format: 'json' | 'parquet'
  /** One, or the parts of a multi-part checkpoint, in order. */
  readonly files: readonly Listed[]
}

interface LogListing {
  readonly commits: ReadonlyMap<number, Listed>
  /** Newest first; those of one version are equivalent. */
  readonly checkpoints: readonly Checkpoint[]
  /** The newest version, as a commit or a checkpoint; -1 for none. */
  readonly newest: number
}

/** One way to rebuild a version: a checkpoint, and every commit after it. */
export interface Segment {
  readonly version: number
  readonly checkpoint?: Checkpoint
  /** Contiguous, oldest first. */
  readonly commits: readonly Listed[]
  /** The commit of `version`; it may be cleaned up where a checkpoint has that version. */
  readonly last?: Listed
}

/** Lists the log from version `from` on. */
async function listLog(store: TableStore, from: number): Promise<LogListing> {
  const commits = new Map<number, Listed>()
  const checkpoints: Checkpoint[] = []
  const parts = new Map<string, { version: number; parts: number; files: Map<number, Listed> }>()
  for await (const listed of store.list(LOG, from > 0 ? LOG + padVersion(from) : undefined)) {
    if (listed.key > `${LOG}:`) break
    const name = parseLogName(listed.key)
    if (name.kind === 'commit') commits.set(name.version, listed)
    else if (listed.size === 0) continue
    else if (name.kind === 'checkpoint') checkpoints.push({ version: name.version, format: 'parquet', files: [listed] })
    else if (name.kind === 'checkpoint-v2')
      checkpoints.push({ version: name.version, format: name.format, files: [listed] })
    else if (name.kind === 'checkpoint-part') {
      const id = `${name.version}/${name.parts}`
      const set = parts.get(id) ?? { version: name.version, parts: name.parts, files: new Map<number, Listed>() }
      parts.set(id, set)
      set.files.set(name.part, listed)
    }
  }
  for (const { version, parts: count, files } of parts.values())
    if (files.size === count)
      checkpoints.push({
        version,
        format: 'parquet',
        files: [...files.entries()].sort(([a], [b]) => a - b).map(([, file]) => file),
      })
  checkpoints.sort((a, b) => b.version - a.version || a.files.length - b.files.length)
  return { commits, checkpoints, newest: Math.max(-1, checkpoints[0]?.version ?? -1, ...lastKey(commits)) }
}

/** A listing is sorted, so the last key is the largest. */
function lastKey(commits: ReadonlyMap<number, unknown>): number[] {
  let last: number | undefined
  for (const version of commits.keys()) last = version
  return last === undefined ? [] : [last]
}

/**
 * The ways to rebuild `version` (the newest when undefined), cheapest first: from the newest checkpoint, from older ones, from
 * the commits alone. `_last_checkpoint` is only a hint where to start listing. When its checkpoint does not exist, or all
 * checkpoints from there on are broken, the whole log is listed.
 *
 * @throws {RefusedTable} when there is no way at all.
 */
export async function* segments(store: TableStore, version?: number): AsyncGenerator<Segment> {
  const hint = await readHint(store)
  const tried = new Set<string>()
  if (hint !== undefined && hint > 0 && (version === undefined || hint <= version)) {
    const listing = await listLog(store, hint)
    const target = version ?? listing.newest
    if (target <= listing.newest && listing.checkpoints.some((one) => one.version <= target))
      yield* ways(listing, target, tried)
  }
  const listing = await listLog(store, 0)
  if (listing.newest === -1)
    throw new RefusedTable(
      'not-a-delta-table',
      `There is no Delta table at ${store.location}: ${LOG} has no commit and no checkpoint.`,
      {
        unsupported: ['no commits'],
        advice: 'Check the location: it is the folder that contains _delta_log.',
      },
    )
  const target = version ?? listing.newest
  if (target > listing.newest)
    throw new RefusedTable('no-such-version', `There is no version ${target}: the newest is ${listing.newest}.`, {
      unsupported: [`version ${target}`],
      expected: `at most ${listing.newest}`,
      found: String(target),
    })
  const before = tried.size
  yield* ways(listing, target, tried)
  if (tried.size === before && before === 0) throw noWay(listing, target)
}

/** Checkpoints. A folder may have thousands of broken ones, and with each the commits after it are read again. */
const MOST_TRIED = 16

function* ways(listing: LogListing, target: number, tried: Set<string>): Generator<Segment> {
  for (const checkpoint of [...listing.checkpoints, undefined]) {
    if (checkpoint !== undefined && (checkpoint.version > target || tried.size >= MOST_TRIED)) continue
    const id = checkpoint?.files[0]?.key ?? ''
    const commits = contiguous(listing, (checkpoint?.version ?? -1) + 1, target)
    if (commits === undefined || tried.has(id)) continue
    tried.add(id)
    const last = listing.commits.get(target)
    yield { version: target, commits, checkpoint, last }
  }
}

function contiguous(listing: LogListing, from: number, to: number): Listed[] | undefined {
  const commits: Listed[] = []
  for (let version = from; version <= to; version += 1) {
    const commit = listing.commits.get(version)
    if (commit === undefined) return undefined
    commits.push(commit)
  }
  return commits
}

/** Why `target` cannot be rebuilt although other versions exist. */
function noWay(listing: LogListing, target: number): RefusedTable {
  const base = listing.checkpoints.find((one) => one.version <= target)?.version ?? -1
  const oldest = listing.checkpoints.at(-1)?.version
  if (base === -1 && oldest !== undefined)
    return new RefusedTable(
      'no-such-version',
      `Version ${target} can no longer be read: the log before version ${oldest} was cleaned up.`,
      {
        unsupported: [`version ${target}`],
        expected: `at least ${oldest}`,
        found: String(target),
      },
    )
  let from = base + 1
  while (listing.commits.has(from)) from += 1
  // Not step by step: the next version may be 2^53 away.
  const next = [...listing.commits.keys()].find((version) => version > from) ?? target + 1
  return versionGap(from, Math.min(target, next - 1)).with({ version: target })
}

/** The version in `_last_checkpoint`; `undefined` where it does not parse: it is overwritten in place, and only a hint. */
async function readHint(store: TableStore): Promise<number | undefined> {
  const { version } = (await readHintFile(store, `${LOG}_last_checkpoint`)) ?? {}
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : undefined
}

/** Missing commits, which a reader must not skip. */
function versionGap(from: number, to: number): RefusedTable {
  const gap = from === to ? `version gap ${from}` : `version gap ${from}..${to}`
  const missing = from === to ? `${commitKey(from)} is missing` : `${commitKey(from)} to ${commitKey(to)} are missing`
  return new RefusedTable('version-gap', `The log has a gap: ${missing}, and no checkpoint covers it.`, {
    unsupported: [gap],
    expected: 'contiguous versions',
    found: gap,
    advice: 'Restore the missing commits from a version of the bucket, or restore the table.',
  })
}
