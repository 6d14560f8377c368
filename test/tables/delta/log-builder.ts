/** Delta logs in any state, for tests: the test gives the actions, as a log has them. */
import { zstdCompressSync } from 'node:zlib'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { MemoryStore } from '../table-store.twin.ts'

export type Action = Readonly<Record<string, unknown>>

export const schema = {
  type: 'struct',
  fields: [
    { name: 'id', type: 'long', nullable: true, metadata: {} },
    { name: 'day', type: 'string', nullable: true, metadata: {} },
  ],
}

export const protocol = (more: Action = {}): Action => ({
  protocol: { minReaderVersion: 1, minWriterVersion: 2, ...more },
})

/** A protocol of table features. */
export const features = (readerFeatures: readonly string[], writerFeatures = readerFeatures): Action =>
  protocol({ minReaderVersion: 3, minWriterVersion: 7, readerFeatures, writerFeatures })

export const metaData = (more: Action = {}): Action => ({
  metaData: {
    id: '5fba94ed-9794-4965-ba6e-6ee3c0d22af9',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify(schema),
    partitionColumns: [],
    configuration: {},
    ...more,
  },
})

export const add = (path: string, more: Action = {}): Action => ({
  add: {
    path,
    partitionValues: {},
    size: 100,
    modificationTime: 0,
    dataChange: true,
    stats: '{"numRecords":10}',
    ...more,
  },
})

export const remove = (path: string, more: Action = {}): Action => ({
  remove: { path, deletionTimestamp: 0, dataChange: true, ...more },
})

export const vector = (pathOrInlineDv: string, cardinality = 1, more: Action = {}): Action => ({
  deletionVector: { storageType: 'u', pathOrInlineDv, offset: 1, sizeInBytes: 36, cardinality, ...more },
})

export const start: readonly Action[] = [protocol(), metaData()]

export const UUID = '80a083e8-7026-4e79-81be-64bd76c43a11'
export const pad = (version: number): string => String(version).padStart(20, '0')
export const key = (name: string): string => `_delta_log/${name}`
export const commitKey = (version: number): string => key(`${pad(version)}.json`)
export const classicKey = (version: number): string => key(`${pad(version)}.checkpoint.parquet`)
export const lines = (actions: readonly Action[]): string => actions.map((one) => `${JSON.stringify(one)}\n`).join('')

/** When a version is written, in ms since the epoch. */
export const writtenAt = (version: number): number => 1_700_000_000_000 + version * 1000

/** A store with these commits, from version `first` on. */
export function logOf(commits: readonly (readonly Action[])[], first = 0): MemoryStore {
  const store = new MemoryStore()
  for (const [at, actions] of commits.entries()) store.put(commitKey(first + at), lines(actions), writtenAt(first + at))
  return store
}

export function putHint(store: MemoryStore, version: number): void {
  store.put(key('_last_checkpoint'), JSON.stringify({ version, size: 1 }))
}

type Shape = 'string' | 'int' | 'long' | 'boolean' | 'list' | 'map' | { readonly [field: string]: Shape }

const VECTOR: Shape = {
  storageType: 'string',
  pathOrInlineDv: 'string',
  offset: 'int',
  sizeInBytes: 'int',
  cardinality: 'long',
}

const COLUMNS: Readonly<Record<string, Shape>> = {
  txn: { appId: 'string', version: 'long' },
  add: {
    path: 'string',
    partitionValues: 'map',
    size: 'long',
    modificationTime: 'long',
    dataChange: 'boolean',
    stats: 'string',
    deletionVector: VECTOR,
    stats_parsed: { numRecords: 'long' },
  },
  remove: { path: 'string', deletionTimestamp: 'long', dataChange: 'boolean', deletionVector: VECTOR },
  metaData: {
    id: 'string',
    name: 'string',
    description: 'string',
    schemaString: 'string',
    partitionColumns: 'list',
    configuration: 'map',
  },
  protocol: { minReaderVersion: 'int', minWriterVersion: 'int', readerFeatures: 'list', writerFeatures: 'list' },
  checkpointMetadata: { version: 'long' },
  sidecar: { path: 'string', sizeInBytes: 'long', modificationTime: 'long' },
}

/** How a Parquet file is written: engines differ in these layouts. */
export interface Layout {
  readonly zstd?: boolean
  readonly rowGroupSize?: number
  /** The name of the repeated group of a map. */
  readonly entries?: 'key_value' | 'map' | 'entries'
}

/** The actions of a checkpoint or sidecar as Parquet, with only those columns that some action has. */
export function parquet(
  actions: readonly Action[],
  { zstd = false, rowGroupSize = 1000, entries = 'key_value' }: Layout = {},
): Uint8Array {
  const names = Object.keys(COLUMNS).filter((name) => actions.some((one) => one[name] !== undefined))
  const elements: SchemaElement[] = [{ name: 'root', num_children: names.length }]
  for (const name of names) elements.push(...elementsOf(name, COLUMNS[name] as Shape, entries))
  const columnData = names.map((name) => ({
    name,
    data: actions.map((one) => (one[name] === undefined ? null : valueOf(one[name], COLUMNS[name] as Shape))),
  }))
  const compression = zstd
    ? { codec: 'ZSTD' as const, compressors: { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)) } }
    : {}
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: elements, rowGroupSize, ...compression }))
}

const PRIMITIVE = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
} as const

function elementsOf(name: string, shape: Shape, entries: string): SchemaElement[] {
  const repetition_type = 'OPTIONAL' as const
  if (shape === 'list')
    return [
      { name, repetition_type, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type, ...PRIMITIVE.string },
    ]
  if (shape === 'map')
    return [
      { name, repetition_type, num_children: 1, converted_type: 'MAP' },
      { name: entries, repetition_type: 'REPEATED', num_children: 2 },
      { name: 'key', repetition_type: 'REQUIRED', ...PRIMITIVE.string },
      { name: 'value', repetition_type, ...PRIMITIVE.string },
    ]
  if (typeof shape === 'string') return [{ name, repetition_type, ...PRIMITIVE[shape] }]
  const fields = Object.entries(shape)
  return [
    { name, repetition_type, num_children: fields.length },
    ...fields.flatMap(([field, one]) => elementsOf(field, one, entries)),
  ]
}

function valueOf(value: unknown, shape: Shape): unknown {
  if (value === undefined || value === null) return null
  if (shape === 'long') return BigInt(value as number)
  if (typeof shape === 'string') return value
  return Object.fromEntries(
    Object.entries(shape).map(([field, one]) => [field, valueOf((value as Action)[field], one)]),
  )
}
