import type { CatalogTable } from '../../glue/settings.ts'
import type { FileFormat } from '../../lake/lake.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Change, FileEntry } from '../../tables/change.ts'
import { byBytes } from '../../tables/landing/paths.ts'
import { type Partition, partitionOf } from '../../tables/landing/partition.ts'
import type { Live } from '../../tables/log.ts'
import type { RefusedPart, Wake } from '../../core/reaction.ts'
import type { FoundPartition, Glue } from '../../glue/ports.ts'
import { hash } from '../../glue/text.ts'
import { type ObservedFiles, recordOf, registersPartitions } from './decide.ts'
import { grouped, type Sampled } from './drift.ts'
import type { CatalogFilesPorts } from './ports.ts'
import { knownSchema, PARTITION_RECORD } from './record.ts'
import { readFile } from './sample.ts'

/** Files of a change that are read. */
const SAMPLE = 5
/** Folders that are queried at a time. */
const AT_ONCE = 10

/**
 * The log, the columns of the new files, and the catalog. A wake with nothing new costs one read of the log. All live files
 * are walked only to compare all partitions: at first, in a sweep, when the record is gone, or when the log no longer has
 * the changes since the cursor.
 */
export async function observe(
  table: CatalogTable,
  wake: Wake,
  cursor: Cursor,
  ports: CatalogFilesPorts,
): Promise<ObservedFiles | undefined> {
  const { glue } = ports
  const log = ports.logOf(table)
  const newest = await log.newest(cursor.version)
  const isNew = newest > cursor.version
  if (newest < 0 || (!isNew && wake.full !== true)) return undefined
  const found = await glue.find(table.catalog.database, table.catalog.table)
  const isKnown = found.kind === 'table' && knownSchema(table, found.definition) !== undefined
  const change = isKnown && isNew && cursor.version >= 0 ? await log.change(cursor.version, newest) : undefined
  const whole = change === undefined || wake.full === true
  const live = whole ? await log.live(newest) : undefined
  // If nothing is new and the columns are known, no file is read.
  const readsLive = change === undefined && (isNew || !isKnown)
  const all = live === undefined ? undefined : await gathered(live.files, table)
  const fresh = change === undefined ? (readsLive ? all : undefined) : await gathered(change.added, table)
  const { samples, unreadable } = await readSample(fresh?.sample ?? [], table, ports)
  const seen = {
    ...at(change, readsLive ? live : undefined, cursor),
    table,
    found,
    samples,
    refused: grouped([...unreadable, ...(fresh?.misfits ?? [])]),
    partitions: [...((all ?? fresh)?.partitions.values() ?? [])],
    whole,
    emptied: whole || change === undefined ? [] : await emptied(change, fresh?.partitions ?? new Map(), table, ports),
  }
  const registered = needsRegistered(seen) ? await registeredIn(table, glue) : undefined
  return registered === undefined ? seen : { ...seen, registered }
}

/** The version whose files were read; the cursor's when a sweep read none. */
function at(
  change: Change | undefined,
  live: Live | undefined,
  cursor: Cursor,
): { readonly version: number; readonly committed: number } {
  const source = change ?? live
  return source === undefined
    ? { version: cursor.version, committed: cursor.committed }
    : { version: source.version, committed: source.timestamp }
}

interface Gathered {
  /** By their values. */
  readonly partitions: ReadonlyMap<string, Partition>
  readonly misfits: readonly RefusedPart[]
  readonly sample: readonly string[]
}

/** Keeps the partitions and a few paths of what may be millions of files. */
async function gathered(files: AsyncIterable<FileEntry> | Iterable<FileEntry>, table: CatalogTable): Promise<Gathered> {
  const partitions = new Map<string, Partition>()
  const misfits = new Map<string, RefusedPart>()
  const sample = new Sample()
  for await (const { path } of files) {
    const placed = partitionOf(path, table)
    if ('misfit' in placed) addMisfit(misfits, path, placed.misfit)
    else {
      addPartition(partitions, misfits, placed, path)
      sample.add(path)
    }
  }
  return { partitions, misfits: [...misfits.values()], sample: sample.paths() }
}

/** Two folders may encode the same values (`%41` and `A`). A partition has one location: the first folder in byte order. */
function addPartition(
  partitions: Map<string, Partition>,
  misfits: Map<string, RefusedPart>,
  placed: Partition,
  path: string,
): void {
  const key = JSON.stringify(placed.values)
  const other = partitions.get(key)
  if (other !== undefined && other.folder !== placed.folder) {
    addMisfit(misfits, path, `another folder has the same partition values: '${other.folder}' and '${placed.folder}'`)
    if (byBytes(other.folder, placed.folder) < 0) return
  }
  partitions.set(key, placed)
}

/** Distinct faults that are reported; further files count towards the last one. */
const MISFITS = 20

function addMisfit(misfits: Map<string, RefusedPart>, path: string, reason: string): void {
  const other = misfits.get(reason) ?? (misfits.size >= MISFITS ? [...misfits.values()].at(-1) : undefined)
  const part = other ?? {
    code: 'partition-misfit',
    reason,
    advice: 'Move the file into a folder that matches partitions in lake.yml, or change the declaration.',
    sample: path,
    count: 0,
  }
  misfits.set(part.reason, { ...part, count: part.count + 1 })
}

/** The paths with the smallest hashes: spread over all paths, and the same in any order. */
class Sample {
  readonly #kept: { readonly path: string; readonly rank: string }[] = []

  add(path: string): void {
    const rank = hash(path)
    const last = this.#kept.at(-1)
    if (this.#kept.length === SAMPLE && last !== undefined && rank >= last.rank) return
    this.#kept.push({ path, rank })
    this.#kept.sort((a, b) => (a.rank < b.rank ? -1 : 1))
    this.#kept.splice(SAMPLE)
  }

  paths(): string[] {
    return this.#kept.map(({ path }) => path)
  }
}

async function readSample(
  paths: readonly string[],
  table: CatalogTable,
  { storeOf, inflate }: CatalogFilesPorts,
): Promise<{ readonly samples: readonly Sampled[]; readonly unreadable: readonly RefusedPart[] }> {
  const store = storeOf(table)
  const read = await Promise.all(paths.map((path) => readFile(path, table.format as FileFormat, store, inflate)))
  return {
    samples: read.flatMap((each) => (each.kind === 'read' ? [each.file] : [])),
    unreadable: read.flatMap((each) => (each.kind === 'refused' ? [each.part] : [])),
  }
}

/** Partitions that a file was removed from, and that have no file now. */
async function emptied(
  { removed }: Change,
  added: ReadonlyMap<string, Partition>,
  table: CatalogTable,
  { hasFiles }: CatalogFilesPorts,
): Promise<Partition[]> {
  if (!registersPartitions(table)) return []
  const left = new Map<string, Partition>()
  for (const { path } of removed) {
    const placed = partitionOf(path, table)
    if (!('misfit' in placed) && !added.has(JSON.stringify(placed.values)))
      left.set(JSON.stringify(placed.values), placed)
  }
  const candidates = [...left.values()]
  const gone: Partition[] = []
  for (let from = 0; from < candidates.length; from += AT_ONCE) {
    const some = candidates.slice(from, from + AT_ONCE)
    const answers = await Promise.all(some.map(({ folder }) => hasFiles(table, folder)))
    gone.push(...some.filter((_, index) => answers[index] === false))
  }
  return gone
}

/** Partitions have a copy of the columns, so they are also needed when the columns have changed. */
function needsRegistered(seen: Omit<ObservedFiles, 'registered'>): boolean {
  if (seen.found.kind !== 'table' || !registersPartitions(seen.table)) return false
  if (seen.whole) return true
  const wanted = recordOf(seen)?.wanted
  return wanted?.Parameters?.[PARTITION_RECORD] !== seen.found.definition.Parameters?.[PARTITION_RECORD]
}

async function registeredIn({ catalog }: CatalogTable, glue: Glue): Promise<FoundPartition[]> {
  const registered: FoundPartition[] = []
  for await (const each of glue.partitions(catalog.database, catalog.table)) registered.push(each)
  return registered
}
