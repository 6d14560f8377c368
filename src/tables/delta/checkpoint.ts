/** Checkpoints in all their forms (Delta protocol, "Checkpoints", "Checkpoint Schema", "V2 Spec"). */
import { eachBytes, type Leaf, eachEntry, listAt, numbers, ParquetFile, textAt } from '../parquet/file.ts'
import { Budget, within } from '../parquet/limits.ts'
import type { Protocol, TableMetadata } from '../change.ts'
import { ObjectTooLarge, type RandomAccess, type TableStore } from '../store.ts'
import { distinct } from '../../core/distinct.ts'
import { describe, MOST_PROPERTIES, parseMetadata, parseProtocol } from './actions.ts'
import { BrokenCheckpoint } from './broken-checkpoint.ts'
import { type FileSink, MOST_SIDECARS, readActions } from './commit.ts'
import type { Checkpoint } from './listing.ts'
import { LOG } from './names.ts'
import { decodePath } from './paths.ts'
import { RefusedTable } from './refused.ts'

/** A Parquet file of a checkpoint: itself, one of its parts, or a sidecar. */
class CheckpointFile {
  readonly key: string
  readonly parquet: ParquetFile
  readonly #failures: unknown[]

  private constructor(key: string, parquet: ParquetFile, failures: unknown[]) {
    this.key = key
    this.parquet = parquet
    this.#failures = failures
  }

  /** @throws {BrokenCheckpoint} when the file is missing or is not Parquet. Errors of the store are passed on. */
  static async open(store: TableStore, key: string, budget: Budget, size?: number): Promise<CheckpointFile> {
    const access = await store.open(key, size)
    if (access === undefined) throw new BrokenCheckpoint(key, 'the file is missing')
    const failures: unknown[] = []
    const parquet = await attempt(key, failures, () =>
      ParquetFile.open(watched(access, failures), store.decompressors ?? {}, budget),
    )
    return new CheckpointFile(key, parquet, failures)
  }

  /** Runs `work` on the file. If it throws, the content is broken, unless the store failed. */
  read<Result>(work: (parquet: ParquetFile) => Promise<Result>): Promise<Result> {
    return attempt(this.key, this.#failures, () => work(this.parquet))
  }
}

async function attempt<Result>(key: string, failures: unknown[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (failures.length > 0) throw failures[0]
    // Older checkpoints would be too large, too.
    if (cause instanceof BrokenCheckpoint || (cause instanceof RefusedTable && cause.code === 'too-many-files'))
      throw cause
    throw new BrokenCheckpoint(key, cause)
  }
}

/** Keeps the errors of the store, to tell them from faults of the file. */
function watched(access: RandomAccess, failures: unknown[]): RandomAccess {
  return {
    byteLength: access.byteLength,
    async slice(start, end = access.byteLength) {
      // A damaged footer may ask for any range, which is not a failure of the store.
      if (!(start >= 0 && start <= end && end <= access.byteLength))
        throw new RangeError(`bytes ${start} to ${end} are beyond the file's ${access.byteLength}`)
      try {
        return await access.slice(start, end)
      } catch (error) {
        failures.push(error)
        throw error
      }
    },
  }
}

/** The content of a checkpoint beside its files. */
interface CheckpointHead {
  readonly protocol?: Protocol
  readonly metadata?: TableMetadata
  /** The keys of the sidecars that a V2 checkpoint names. */
  readonly sidecars: readonly string[]
}

/** Reads a checkpoint, and each footer of its files once. */
export class CheckpointReader {
  readonly #store: TableStore
  readonly #checkpoint: Checkpoint
  readonly #open = new Map<string, Promise<CheckpointFile>>()
  readonly #budget = new Budget()

  constructor(store: TableStore, checkpoint: Checkpoint) {
    this.#store = store
    this.#checkpoint = checkpoint
  }

  /** Reads only the columns of protocol, metadata and sidecars. The file actions of a JSON manifest go to `onFile`. */
  async head(onFile?: FileSink): Promise<CheckpointHead> {
    if (this.#checkpoint.format === 'json') return readJsonManifest(this.#store, this.#checkpoint, onFile)
    const sidecars: string[] = []
    let protocol: Protocol | undefined
    let metadata: TableMetadata | undefined
    for (const { key, size } of this.#checkpoint.files) {
      const file = await this.#file(key, size)
      await file.read(async (parquet) => {
        protocol ??= await readProtocol(parquet)
        metadata ??= await readMetadata(parquet)
        sidecars.push(...(await readSidecars(key, parquet)))
      })
      if (protocol !== undefined && metadata !== undefined && this.#checkpoint.files.length > 1) break
    }
    return { protocol, metadata, sidecars }
  }

  /** The Parquet files that may hold file actions: the checkpoint's own, and its sidecars. */
  async *files(sidecars: readonly string[]): AsyncGenerator<CheckpointFile> {
    if (this.#checkpoint.format === 'parquet')
      for (const { key, size } of this.#checkpoint.files) {
        yield this.#file(key, size)
        // The footers of a thousand parts would not fit into memory.
        this.#open.delete(key)
      }
    // Without the manifest's size, so that the store is asked for it and a missing sidecar is noticed here.
    for (const key of distinct(sidecars)) yield CheckpointFile.open(this.#store, key, this.#budget)
  }

  #file(key: string, size: number): Promise<CheckpointFile> {
    const file = this.#open.get(key) ?? CheckpointFile.open(this.#store, key, this.#budget, size)
    this.#open.set(key, file)
    return file
  }
}

/** The JSON manifest of a V2 checkpoint; its file actions go to `onFile`. */
async function readJsonManifest(store: TableStore, checkpoint: Checkpoint, onFile?: FileSink): Promise<CheckpointHead> {
  const key = checkpoint.files[0]?.key ?? ''
  const object = await store.get(key).catch((error: unknown) => {
    throw error instanceof ObjectTooLarge ? new BrokenCheckpoint(key, error) : error
  })
  if (object === undefined) throw new BrokenCheckpoint(key, 'the file is missing')
  return attempt(key, [], async () => {
    const { sidecars, protocol, metadata } = readActions(key, object.bytes, onFile)
    return {
      protocol: protocol?.(),
      metadata: metadata?.(),
      sidecars: sidecars.map((path) => sidecarKey(key, path)),
    }
  })
}

/** Sidecars are always in one folder of the log, so only the file's name counts ("Sidecar File Information"). */
function sidecarKey(manifest: string, path: string | null): string {
  if (path === null || path === '')
    throw new BrokenCheckpoint(manifest, `sidecar.path: expected a string, found ${describe(path)}`)
  const name = decodePath(path).split('/').at(-1) ?? ''
  return `${LOG}_sidecars/${name}`
}

/** A checkpoint file has at most one protocol; the other rows, which may be millions, are not made into objects. */
async function readProtocol(parquet: ParquetFile): Promise<Protocol | undefined> {
  const paths = [
    ['protocol', 'minReaderVersion'],
    ['protocol', 'minWriterVersion'],
    parquet.listLeaf(['protocol', 'readerFeatures']) ?? [],
    parquet.listLeaf(['protocol', 'writerFeatures']) ?? [],
  ]
  for (const group of parquet.groups.keys()) {
    const [reader, writer, readerFeatures, writerFeatures] = await parquet.fetch(group, paths)
    const versions = reader && numbers(reader)
    const row = versions?.findIndex((version) => !Number.isNaN(version)) ?? -1
    if (row === -1) continue
    return parseProtocol({
      minReaderVersion: versions?.[row],
      minWriterVersion: writer && numbers(writer)[row],
      readerFeatures: readerFeatures && listAt(readerFeatures, row),
      writerFeatures: writerFeatures && listAt(writerFeatures, row),
    })
  }
  return undefined
}

const METADATA_TEXTS = ['id', 'name', 'description', 'schemaString'] as const

async function readMetadata(parquet: ParquetFile): Promise<TableMetadata | undefined> {
  const configuration = parquet.mapLeaves(['metaData', 'configuration'])
  const paths = [
    ...METADATA_TEXTS.map((name) => ['metaData', name]),
    parquet.listLeaf(['metaData', 'partitionColumns']) ?? [],
    configuration?.key ?? [],
    configuration?.value ?? [],
  ]
  for (const group of parquet.groups.keys()) {
    const leaves = await parquet.fetch(group, paths)
    const [id, , , , partitionColumns, key, value] = leaves
    const row = id === undefined ? -1 : firstRow(id)
    if (row === -1) continue
    const texts = METADATA_TEXTS.map((name, at) => [name, leaves[at] && textAt(leaves[at], row)] as const)
    return parseMetadata({
      ...Object.fromEntries(texts),
      partitionColumns: partitionColumns && listAt(partitionColumns, row),
      configuration: key && value && mapAt(key, value, row),
    })
  }
  return undefined
}

function firstRow(leaf: Leaf): number {
  let found = -1
  eachBytes(leaf, (row) => {
    if (found === -1) found = row
  })
  return found
}

function mapAt(key: Leaf, value: Leaf, row: number): Record<string, string | null> {
  const map: Record<string, string | null> = {}
  let count = 0
  eachEntry(key, value, (entryRow, name, text) => {
    if (entryRow !== row) return
    within(MOST_PROPERTIES, (count += 1), 'metaData.configuration')
    map[name ?? ''] = text
  })
  return map
}

async function readSidecars(key: string, parquet: ParquetFile): Promise<string[]> {
  const found: string[] = []
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  for (const group of parquet.groups.keys()) {
    const [path] = await parquet.fetch(group, [['sidecar', 'path']])
    if (path === undefined) break
    eachBytes(path, (_, bytes, start, end) => {
      within(MOST_SIDECARS, found.push(sidecarKey(key, utf8.decode(bytes.subarray(start, end)))), 'sidecars')
    })
  }
  return found
}
