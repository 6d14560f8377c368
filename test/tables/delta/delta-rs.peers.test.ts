import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { folderStore } from '../../../src/tables/node/folder.ts'
import { listCommits, readChange } from '../../../src/tables/delta/change.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'

/** One version of a table as delta-rs reads it; see delta-tables.py. */
interface Reading {
  readonly table: string
  readonly version: number
  /** Decoded paths, sorted. */
  readonly files: readonly string[]
  /** The value of partition column `p` by path, where there is one. */
  readonly partitions: Readonly<Record<string, string | null>>
  readonly bytes: number
  readonly rows: number | null
  readonly schema: unknown
  readonly partitionColumns: readonly string[]
  readonly properties: unknown
  readonly id: string
  readonly name: string | null
  readonly description: string | null
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures: readonly string[]
  readonly writerFeatures: readonly string[]
}

const python = process.env['LANDFALL_PYTHON'] ?? join(import.meta.dirname, '../../../.venv/bin/python')
const root = mkdtempSync(join(tmpdir(), 'landfall-peers-'))
afterAll(() => rmSync(root, { recursive: true }))

const printed = execFileSync(python, [join(import.meta.dirname, 'delta-tables.py'), root], { encoding: 'utf8' })
const readings = printed
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Reading)
const storeOf = (reading: Reading) => folderStore(join(root, reading.table))

test('delta-rs wrote what the comparison needs', () => {
  expect(new Set(readings.map(({ table }) => table)).size).toBe(7)
  expect(readings.length).toBeGreaterThan(30)
})

describe('a table of delta-rs is read as delta-rs reads it:', () => {
  test.each(readings.map((reading) => [`${reading.table}, version ${reading.version}`, reading] as const))(
    '%s',
    async (_, theirs) => {
      const ours = await readSnapshot(storeOf(theirs), theirs.version)
      const files = [...ours.files]
      expect(files.map((file) => file.path).sort()).toEqual(theirs.files)
      for (const { path, partitionValues } of files) {
        expect(existsSync(join(root, theirs.table, path))).toBe(true)
        if (path in theirs.partitions) expect(partitionValues['p']).toBe(theirs.partitions[path])
      }
      expect(ours.totals).toMatchObject({ bytes: theirs.bytes, rows: theirs.rows, deletedRows: 0 })
      expect(ours.metadata).toMatchObject({
        id: theirs.id,
        schema: theirs.schema,
        partitionColumns: theirs.partitionColumns,
        properties: theirs.properties,
      })
      expect([ours.metadata.name ?? null, ours.metadata.description ?? null]).toEqual([theirs.name, theirs.description])
      const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = ours.protocol
      expect({
        minReaderVersion,
        minWriterVersion,
        readerFeatures: [...readerFeatures].sort(),
        writerFeatures: [...writerFeatures].sort(),
      }).toEqual({
        minReaderVersion: theirs.minReaderVersion,
        minWriterVersion: theirs.minWriterVersion,
        readerFeatures: theirs.readerFeatures,
        writerFeatures: theirs.writerFeatures,
      })
    },
  )
})

test('each version’s change leads from the files of the version before to its own', async () => {
  for (const [at, theirs] of readings.entries()) {
    const before = readings[at - 1]
    if (before?.table !== theirs.table) continue
    const change = await readChange(storeOf(theirs), before.version, theirs.version)
    const files = new Set(before.files)
    for (const { path } of change?.removed ?? []) files.delete(path)
    for (const { path } of change?.added ?? []) files.add(path)
    expect([...files].sort()).toEqual(theirs.files)
  }
})

test('the newest version is found without being named', async () => {
  const newest = new Map(readings.map((reading) => [reading.table, reading]))
  for (const theirs of newest.values()) {
    expect(await readState(storeOf(theirs))).toMatchObject({ version: theirs.version, metadata: { id: theirs.id } })
    const complete = theirs.table !== 'cleaned-up'
    expect(await listCommits(storeOf(theirs), -1)).toEqual({ version: theirs.version, complete })
  }
})
