import { Refused } from '../../core/refused.ts'
import type { Listed, TableStore } from '../../tables/store.ts'
import { LOG, padVersion, parseLogName } from '../../tables/delta/names.ts'
import { requireReadable } from '../../tables/delta/features.ts'
import { RefusedTable } from '../../tables/delta/refused.ts'
import type { CommitHead } from '../../tables/delta/commit.ts'
import { truncateUtf8 } from '../../core/text.ts'
import { type CommitContent, readCommits } from './commits.ts'
import type { CommitSummary } from './facts.ts'
import { fitted } from './fit.ts'
import { factId } from './identity.ts'
import { parseState, type TableId, TableSoFar } from './table-so-far.ts'
import {
  type AnnouncedVersion,
  type Backlog,
  type Position,
  ROUND,
  SHORT_HISTORY,
  type VersionSource,
} from './versions.ts'

/** Bytes of a text that writers may fill as they like. */
const LONGEST = 200
/** How many of a writer's metrics are published. */
const METRICS = 50

/** The versions of a Delta table, by the commits in its log. */
export function deltaVersions(store: TableStore): VersionSource {
  return { begin: () => begin(store), read: (position) => read(store, position) }
}

async function begin(store: TableStore): Promise<Position | undefined> {
  const version = await newestVersion(store)
  if (version === undefined) return undefined
  if (version >= SHORT_HISTORY) return { after: version - 1 }
  const { commits } = await list(store, -1)
  return { after: commits[0]?.version === 0 ? -1 : version - 1 }
}

/** Also of a table that is refused at its newest version, since the versions before it can be announced. */
async function newestVersion(store: TableStore): Promise<number | undefined> {
  // It also reads checkpoints, which only a first look and a lost history need.
  const { readState } = await import('../../tables/delta/state.ts')
  try {
    return (await readState(store)).version
  } catch (error) {
    if (!(error instanceof RefusedTable)) throw error
    if (error.code === 'not-a-delta-table') return undefined
    if (error.known.version === undefined) throw error
    return error.known.version
  }
}

interface ListedCommit extends Listed {
  readonly version: number
}

interface CommitListing {
  /** The commit `after` itself, while the log has it. */
  readonly last?: ListedCommit
  /** Those after it, in order. */
  readonly commits: readonly ListedCommit[]
  readonly more: boolean
}

/** One LIST for most rounds. */
async function list(store: TableStore, after: number): Promise<CommitListing> {
  const commits: ListedCommit[] = []
  let last: ListedCommit | undefined
  let bytes = 0
  for await (const listed of store.list(LOG, after < 0 ? undefined : LOG + padVersion(after))) {
    if (listed.key > `${LOG}:`) break
    const name = parseLogName(listed.key)
    if (name.kind !== 'commit') continue
    const commit = { ...listed, version: name.version }
    bytes += listed.size
    if (name.version <= after) last = commit
    else if (commits.length > 0 && (commits.length === ROUND.versions || bytes > ROUND.bytes))
      return { last, commits, more: true }
    else commits.push(commit)
  }
  return { last, commits, more: false }
}

async function read(store: TableStore, position: Position): Promise<Backlog | undefined> {
  const known = parseState(position.state)
  const listing = await list(store, position.after)
  if (known !== undefined && (await isAnew(store, known, listing))) return read(store, { after: -1 })
  if (listing.commits.length === 0) return undefined
  const table = new TableSoFar(store, position.after, known)
  const versions: AnnouncedVersion[] = []
  try {
    for await (const content of readCommits(store, listing.commits)) versions.push(await next(store, content, table))
  } catch (error) {
    // What comes before a version that is refused is announced first.
    if (versions.length === 0 || !(error instanceof Refused)) throw error
    return { versions, more: true }
  }
  return { versions, more: listing.more }
}

/**
 * Whether the table was deleted and made anew at this location. Then the last commit that was read is gone, or is another one.
 * That alone proves nothing, because logs are cleaned up and restored; so the table's id decides.
 */
async function isAnew(store: TableStore, known: TableId, { last }: CommitListing): Promise<boolean> {
  if (last?.modified === known.modified) return false
  const { readState } = await import('../../tables/delta/state.ts')
  try {
    return (await readState(store)).metadata.id !== known.id
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}

async function next(store: TableStore, content: CommitContent, table: TableSoFar): Promise<AnnouncedVersion> {
  const { version, modified, head, tally } = content
  const [protocol, metadata] = [head.protocol?.(), head.metadata?.(true)]
  if (protocol !== undefined) requireReadable(protocol, { version, protocol })
  const before = table.version
  const { changes, state, columns } = await table.commit({ version, modified, protocol, metadata })
  const timestamp = head.inCommitTimestamp ?? modified
  const summary: CommitSummary = {
    id: factId(store.location, version, content.digest),
    version,
    timestamp,
    operation: head.operation === undefined ? null : truncateUtf8(head.operation, LONGEST),
    ...metricsOf(head.operationMetrics),
    ...tally.total(columns),
    ...changes,
    ...(version > before + 1 && { missed: { from: before + 1, to: version - 1 } }),
  }
  return { summary: fitted(summary), reached: { version, committed: timestamp, state } }
}

function metricsOf(counted: CommitHead['operationMetrics'] = {}): Pick<CommitSummary, 'metrics'> {
  const metrics = Object.entries(counted)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, METRICS)
    .map(([name, value]) => [truncateUtf8(name, LONGEST), truncateUtf8(String(value), LONGEST)] as const)
  return metrics.length === 0 ? {} : { metrics: Object.fromEntries(metrics) }
}
