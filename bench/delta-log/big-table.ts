/** Large Delta tables in a folder. Only their logs exist, since no data is read. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DAY = 86_400_000
const EPOCH = 1_700_000_000_000

const columns = [
  ['flight_id', 'long'],
  ['carrier', 'string'],
  ['origin', 'string'],
  ['delay', 'double'],
  ['departed', 'timestamp'],
  ['date', 'date'],
] as const

/** A partitioned table of flights with the statistics that Spark and delta-rs write: `commits` × `filesEach` files. */
export function writeCommits(folder: string, commits: number, filesEach: number): void {
  mkdirSync(join(folder, '_delta_log'), { recursive: true })
  for (let version = 0; version < commits; version += 1) {
    const lines = Array.from({ length: filesEach }, (_, at) => fileLine(version, version * filesEach + at))
    const head = [
      { commitInfo: { timestamp: EPOCH + version, operation: 'WRITE', operationParameters: { mode: 'Append' } } },
    ]
    const first =
      version === 0 ? [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData: metadata() }] : []
    const text = [...[...head, ...first].map((one) => JSON.stringify(one)), ...lines, ''].join('\n')
    writeFileSync(join(folder, '_delta_log', `${String(version).padStart(20, '0')}.json`), text)
  }
}

/** Leaves only a checkpoint, which delta-rs writes, and its commit. */
export function checkpoint(folder: string, python: string): void {
  execFileSync(python, [
    '-c',
    'import sys; from deltalake import DeltaTable; DeltaTable(sys.argv[1]).create_checkpoint()',
    folder,
  ])
  const log = join(folder, '_delta_log')
  const commits = readdirSync(log)
    .filter((name) => name.endsWith('.json'))
    .sort()
  for (const name of commits.slice(0, -1)) rmSync(join(log, name))
}

function metadata(): object {
  const fields = columns.map(([name, type]) => ({ name, type, nullable: true, metadata: {} }))
  return {
    id: '5fba94ed-9794-4965-ba6e-6ee3c0d22af9',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({ type: 'struct', fields }),
    partitionColumns: ['date'],
    configuration: {},
    createdTime: EPOCH,
  }
}

function fileLine(version: number, file: number): string {
  const mixed = Math.imul(file, 2_654_435_761) >>> 0
  const date = new Date(EPOCH + (version % 365) * DAY).toISOString().slice(0, 10)
  const uuid = `${hex(mixed, 8)}-${hex(mixed >>> 3, 4)}-4${hex(mixed, 3)}-8${hex(file, 3)}-${hex(file, 8)}${hex(mixed >>> 7, 4)}`
  const stats = {
    numRecords: 1000 + (mixed & 1023),
    minValues: {
      flight_id: file * 2000,
      carrier: 'AA',
      origin: 'ABE',
      delay: -60.5,
      departed: `${date}T00:00:0${mixed & 7}.000Z`,
    },
    maxValues: {
      flight_id: file * 2000 + 1999,
      carrier: 'YX',
      origin: 'YUM',
      delay: 1200.25 + (mixed & 127),
      departed: `${date}T23:59:5${mixed & 7}.000Z`,
    },
    nullCount: { flight_id: 0, carrier: 0, origin: 0, delay: mixed & 31, departed: 0 },
  }
  return JSON.stringify({
    add: {
      path: `date=${date}/part-${String(file % 1000).padStart(5, '0')}-${uuid}.c000.snappy.parquet`,
      partitionValues: { date },
      size: 100_000 + (mixed & 0xffff),
      modificationTime: EPOCH + file,
      dataChange: true,
      stats: JSON.stringify(stats),
    },
  })
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0').slice(-digits)
}
