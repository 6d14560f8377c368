/** Replays the file actions of commits and checkpoints into a {@link FileTable}, most of them without an object each. */
import { eachBytes, type Leaf, type LeafPath, eachEntry, numbers, type ParquetFile } from '../parquet/file.ts'
import { type FileAction, MOST_PARTITION_COLUMNS, rowsOf } from './actions.ts'
import { within } from '../parquet/limits.ts'
import { type CommitHead, lineEnd, readLine } from './commit.ts'
import { LONGEST_PATH } from './arena.ts'
import type { FileTable } from './files.ts'
import { vectorId } from './paths.ts'
import { FileLineScanner } from './scan.ts'

const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Replays one commit; call it from the newest to the oldest. Returns the commit's other content. */
export function replayCommit(key: string, bytes: Uint8Array, table: FileTable): CommitHead {
  table.nextCommit()
  const head: CommitHead = { sidecars: [] }
  const scanner = new FileLineScanner()
  const onFile = (action: FileAction) => takeAction(table, action, true)
  let line = 0
  for (let start = 0; start < bytes.length;) {
    line += 1
    let next = scanner.scan(bytes, start)
    if (next === -1 || !takeScanned(table, scanner, bytes)) {
      next = lineEnd(bytes, start) + 1
      readLine(key, line, bytes.subarray(start, next - 1), head, onFile)
    }
    start = next
  }
  return head
}

/** False when the path is too long or the partition values are invalid: then the whole line is parsed, for its error message. */
function takeScanned(table: FileTable, scanner: FileLineScanner, bytes: Uint8Array): boolean {
  const { isAdd, pathStart, pathEnd, size, rows, partitionStart, partitionEnd } = scanner
  if (pathEnd - pathStart > LONGEST_PATH) return false
  const partition = isAdd ? table.partitions.ofBytes(bytes, partitionStart, partitionEnd) : 0
  if (partition === undefined) return false
  table.take(bytes, pathStart, pathEnd, {
    live: isAdd,
    size: isAdd ? size : 0,
    rows,
    deletedRows: 0,
    partition,
    vector: undefined,
  })
  return true
}

/** Adds a parsed action, of a commit or of a JSON checkpoint. */
export function takeAction(table: FileTable, action: FileAction, ofCommit: boolean): void {
  const live = action.kind === 'add'
  if (!live && !ofCommit) return
  const path = encoder.encode(action.path)
  const facts = {
    live,
    size: action.size,
    rows: action.rows ?? Number.NaN,
    deletedRows: action.vector?.cardinality ?? 0,
    partition: table.partitions.of(action.partitionValues),
    vector: action.vector && vectorId(action.vector),
  }
  if (ofCommit) table.take(path, 0, path.length, facts)
  else table.takeCheckpointed(path, 0, path.length, facts)
}

const VECTOR = ['add', 'deletionVector']
const LEAVES = {
  path: ['add', 'path'],
  size: ['add', 'size'],
  parsedRows: ['add', 'stats_parsed', 'numRecords'],
  storageType: [...VECTOR, 'storageType'],
  pathOrInlineDv: [...VECTOR, 'pathOrInlineDv'],
  offset: [...VECTOR, 'offset'],
  cardinality: [...VECTOR, 'cardinality'],
} as const satisfies Record<string, LeafPath>
const STATS: LeafPath = ['add', 'stats']

/** Replays the adds of one Parquet file of a checkpoint. Its removes are tombstones, which only VACUUM needs. */
export async function replayCheckpointFile(
  parquet: ParquetFile,
  table: FileTable,
  partitioned: boolean,
): Promise<void> {
  for (const [group, rows] of parquet.groups.entries()) await replayGroup(parquet, group, rows, table, partitioned)
}

async function replayGroup(
  parquet: ParquetFile,
  group: number,
  rows: number,
  table: FileTable,
  partitioned: boolean,
): Promise<void> {
  const map = partitioned ? parquet.mapLeaves(['add', 'partitionValues']) : undefined
  const names = Object.keys(LEAVES) as (keyof typeof LEAVES)[]
  const leaves = await parquet.fetch(group, [
    ...names.map((name) => LEAVES[name]),
    ...(map ? [map.key, map.value] : []),
  ])
  const leaf = (name: keyof typeof LEAVES) => leaves[names.indexOf(name)]
  const path = leaf('path')
  if (path === undefined) return
  const stats = () => parquet.fetch(group, [STATS])
  // If they are needed for certain, they are fetched while the rest is decoded. A failure is thrown where they are awaited.
  const early = leaf('parsedRows') === undefined ? stats() : undefined
  early?.catch(() => undefined)
  const [key, value] = leaves.slice(names.length)
  const size = column(leaf('size'), rows)
  const vectors = readVectors(leaf('storageType'), leaf('pathOrInlineDv'), column(leaf('offset'), rows))
  const deleted = column(leaf('cardinality'), rows)
  const partition = key && value ? partitionIds(key, value, rows, table) : undefined
  const records = await readRows(() => early ?? stats(), size, column(leaf('parsedRows'), rows))
  eachBytes(path, (row, bytes, start, end) => {
    const bytesOfFile = size[row] as number
    if (Number.isNaN(bytesOfFile)) throw new Error(`add.size: expected a number in row ${row}, found none`)
    const vector = vectors?.get(row)
    if (vector !== undefined && Number.isNaN(deleted[row]))
      throw new Error(`add.deletionVector.cardinality: expected a number in row ${row}, found none`)
    table.takeCheckpointed(bytes, start, end, {
      live: true,
      size: bytesOfFile,
      rows: records[row] as number,
      deletedRows: vector === undefined ? 0 : (deleted[row] as number),
      partition: partition?.[row] ?? 0,
      vector,
    })
  })
}

function column(leaf: Leaf | undefined, rows: number): Float64Array {
  return leaf === undefined ? new Float64Array(rows).fill(Number.NaN) : numbers(leaf)
}

/** Deletion vectors by row; `undefined` when no file has one. */
function readVectors(
  storageType: Leaf | undefined,
  path: Leaf | undefined,
  offset: Float64Array,
): Map<number, string> | undefined {
  if (storageType === undefined || path === undefined) return undefined
  const types = new Map<number, string>()
  eachBytes(storageType, (row, bytes, start, end) => types.set(row, utf8.decode(bytes.subarray(start, end))))
  if (types.size === 0) return undefined
  const vectors = new Map<number, string>()
  eachBytes(path, (row, bytes, start, end) => {
    const at = offset[row] as number
    const pathOrInlineDv = utf8.decode(bytes.subarray(start, end))
    vectors.set(
      row,
      vectorId({ storageType: types.get(row) ?? '', pathOrInlineDv, offset: Number.isNaN(at) ? null : at }),
    )
  })
  return vectors
}

function partitionIds(key: Leaf, value: Leaf, rows: number, table: FileTable): Int32Array {
  const ids = new Int32Array(rows)
  let [current, keys, values]: [number, (string | null)[], (string | null)[]] = [-1, [], []]
  const end = () => {
    if (keys.length > 0) ids[current] = table.partitions.ofEntries(keys, values)
    ;[keys, values] = [[], []]
  }
  eachEntry(key, value, (row, name, text) => {
    if (row !== current) end()
    current = row
    within(MOST_PARTITION_COLUMNS, keys.push(name), 'add.partitionValues')
    values.push(text)
  })
  end()
  return ids
}

/**
 * `numRecords` by row. A checkpoint has the statistics as a struct, as JSON or both ("Checkpoint Schema"). The struct's column
 * is a hundred times smaller, so the JSON is fetched only if the struct lacks a file.
 */
async function readRows(
  fetchStats: () => Promise<(Leaf | undefined)[]>,
  size: Float64Array,
  parsed: Float64Array,
): Promise<Float64Array> {
  const open = size.some((bytes, row) => !Number.isNaN(bytes) && Number.isNaN(parsed[row]))
  if (!open) return parsed
  const [stats] = await fetchStats()
  if (stats === undefined) return parsed
  eachBytes(stats, (row, bytes, start, end) => {
    if (Number.isNaN(parsed[row])) parsed[row] = numRecords(bytes, start, end)
  })
  return parsed
}

const NUM_RECORDS = encoder.encode('{"numRecords":')

/** Reads the first field, where every known writer puts it; else parses the JSON. */
function numRecords(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (const byte of NUM_RECORDS) if (bytes[at++] !== byte) return parsedRecords(bytes, start, end)
  let value = 0
  const first = at
  for (let byte = bytes[at] as number; byte >= 0x30 && byte <= 0x39; byte = bytes[(at += 1)] as number)
    value = value * 10 + (byte - 0x30)
  const ended = bytes[at] === 0x2c || bytes[at] === 0x7d
  return ended && at > first && at - first <= 15 ? value : parsedRecords(bytes, start, end)
}

function parsedRecords(bytes: Uint8Array, start: number, end: number): number {
  return rowsOf(new TextDecoder().decode(bytes.subarray(start, end))) ?? Number.NaN
}
