import { sha256 } from '../../node/sha256.ts'
import type { LandingStore, LandingVersion } from '../../tables/landing/landing-log.ts'
import { type Partitioning, valuesIn } from '../../tables/landing/partition.ts'
import { type CommitSummary, LISTED } from './facts.ts'
import { fitted } from './fit.ts'
import { factId } from './identity.ts'
import {
  type AnnouncedVersion,
  type Backlog,
  type Position,
  ROUND,
  SHORT_HISTORY,
  type VersionSource,
} from './versions.ts'

export interface LandingTable extends Partitioning {
  readonly name: string
}

/** The versions of a table of files, by its landing log. `location` is `s3://bucket/prefix`. */
export function landingVersions(store: LandingStore, table: LandingTable, location: string): VersionSource {
  return {
    begin: () => begin(store, table.name),
    read: (position) => read(store, table, location, position),
  }
}

async function begin(store: LandingStore, table: string): Promise<Position | undefined> {
  const newest = await store.newest(table)
  if (newest < 0) return undefined
  if (newest < SHORT_HISTORY) for await (const { version } of store.read(table, -1, 0)) return { after: version - 1 }
  return { after: newest - 1 }
}

async function read(
  store: LandingStore,
  table: LandingTable,
  location: string,
  { after }: Position,
): Promise<Backlog | undefined> {
  const newest = await store.newest(table.name)
  const versions: AnnouncedVersion[] = []
  let last = after
  for await (const each of store.read(table.name, after, newest)) {
    if (versions.length === ROUND.versions) break
    const missed = each.version > last + 1 ? { from: last + 1, to: each.version - 1 } : undefined
    const summary = fitted({ ...summaryOf(each, table, location), ...(missed && { missed }) })
    versions.push({ summary, reached: { version: each.version, committed: each.timestamp } })
    last = each.version
  }
  return versions.length === 0 ? undefined : { versions, more: last < newest }
}

function summaryOf(
  { version, timestamp, added, removed, removedBytes }: LandingVersion,
  table: LandingTable,
  location: string,
): CommitSummary {
  const content = sha256(JSON.stringify([timestamp, added.map(({ path, size }) => [path, size]), removed]))
  return {
    id: factId(location, version, content),
    version,
    timestamp,
    operation: removed.length === 0 ? 'ADD FILES' : added.length === 0 ? 'REMOVE FILES' : 'REPLACE FILES',
    dataChange: true,
    files: { added: added.length, removed: removed.length, updated: 0 },
    bytes: {
      added: added.reduce((sum, { size }) => sum + size, 0),
      removed: removed.length === 0 ? 0 : (removedBytes ?? null),
    },
    // Nobody opened the files.
    rows: { added: added.length === 0 ? 0 : null, removed: removed.length === 0 ? 0 : null },
    partitions: partitionsOf([...added.map(({ path }) => path), ...removed], table),
  }
}

function partitionsOf(paths: readonly string[], table: LandingTable): CommitSummary['partitions'] {
  if (table.partitions.length === 0) return { count: 0, first: [] }
  const found = new Map(
    paths.map((path) => {
      const values = valuesIn(path, table)
      return [JSON.stringify(table.partitions.map((column) => values[column] ?? null)), values] as const
    }),
  )
  const first = [...found.values()].filter((values) => Object.keys(values).length > 0)
  return { count: first.length, first: first.slice(0, LISTED) }
}
