import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from '@jest/globals'
import { UsageError } from '../../../cli/command.ts'
import { command } from '../../../cli/table/command.ts'
import {
  add,
  commitKey,
  features,
  logOf,
  metaData,
  protocol,
  schema,
  start,
  vector,
} from '../../tables/delta/log-builder.ts'
import type { MemoryStore } from '../../tables/table-store.twin.ts'

const root = mkdtempSync(join(tmpdir(), 'landfall-table-'))
afterAll(() => rmSync(root, { recursive: true }))

function folderOf(store: MemoryStore): string {
  const folder = mkdtempSync(join(root, 't-'))
  for (const [key, { bytes }] of store.objects) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), bytes)
  }
  return folder
}

async function table(args: readonly string[], width = 100) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await command.run(args, { out: (line) => out.push(line), err: (line) => err.push(line), width })
  return { code, out, err, json: () => JSON.parse(out.join('\n')) as Record<string, unknown> }
}

const partitioned = metaData({
  partitionColumns: ['day'],
  name: 'flights',
  configuration: { 'delta.appendOnly': 'true' },
})
const log = logOf([
  [
    features(['deletionVectors'], ['deletionVectors', 'appendOnly']),
    partitioned,
    add('a%20b', { partitionValues: { day: 'x' } }),
  ],
  [add('c', { partitionValues: { day: null }, ...vector('v', 4) })],
])

describe('landfall table --json', () => {
  test('has exactly the documented fields', async () => {
    const { code, json } = await table([folderOf(log), '--json'])
    expect(code).toBe(0)
    expect(json()).toEqual({
      version: 1,
      timestamp: expect.any(Number),
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['deletionVectors'],
        writerFeatures: ['deletionVectors', 'appendOnly'],
      },
      features: ['appendOnly', 'deletionVectors'],
      schema,
      partitionColumns: ['day'],
      properties: { 'delta.appendOnly': 'true' },
      files: 2,
      bytes: 200,
      rows: 16,
      deletedRows: 4,
      unsupported: [],
    })
  })

  test('lists the live files with --files, each with its row counts', async () => {
    expect((await table([folderOf(log), '--json', '--files'])).json()['liveFiles']).toEqual([
      { path: 'c', size: 100, partitionValues: { day: null }, rows: 10, deletedRows: 4, deletionVector: 'uv@1' },
      { path: 'a b', size: 100, partitionValues: { day: 'x' }, rows: 10, deletedRows: 0, deletionVector: null },
    ])
  })

  test.each([0, 1, 999, 1000, 1001, 2500])('is one document for any number of files: %i', async (count) => {
    const many = logOf([[...start, ...Array.from({ length: count }, (_, at) => add(`f${at}`))]])
    expect((await table([folderOf(many), '--json', '--files'])).json()['liveFiles']).toHaveLength(count)
  })

  test('shows an older version, with either option syntax and location type', async () => {
    const folder = folderOf(log)
    for (const args of [
      [folder, '--version', '0'],
      [folder, '--version=0'],
      [pathToFileURL(folder).href, '--version', '0'],
    ])
      expect((await table([...args, '--json'])).json()).toMatchObject({ version: 0, files: 1 })
  })

  test('shows what is known of a refused table, and the reasons by name', async () => {
    const { code, err, json } = await table([folderOf(logOf([[features(['telepathy']), metaData()]])), '--json'])
    expect(code).toBe(1)
    expect(json()).toMatchObject({
      version: 0,
      features: ['telepathy'],
      files: null,
      bytes: null,
      rows: null,
      unsupported: ['telepathy'],
    })
    expect(err[0]).toContain('telepathy')
  })

  test('names a gap between versions', async () => {
    const gapped = logOf([[...start], [], [], [add('a')]])
    gapped.objects.delete(commitKey(1))
    gapped.objects.delete(commitKey(2))
    expect((await table([folderOf(gapped), '--json'])).json()).toMatchObject({
      version: 3,
      unsupported: ['version gap 1..2'],
    })
  })

  test('reports a folder without a table', async () => {
    const { code, err, json } = await table([join(root, 'nowhere'), '--json'])
    expect([code, json()['unsupported']]).toEqual([1, ['no commits']])
    expect(err[0]).toContain(join(root, 'nowhere'))
  })
})

describe('landfall table', () => {
  test('fits the terminal', async () => {
    const wide = logOf([
      [
        protocol(),
        metaData({ configuration: { long: 'x'.repeat(300) }, description: 'y'.repeat(300) }),
        add('z'.repeat(300)),
      ],
    ])
    for (const width of [20, 60]) {
      const { out } = await table([folderOf(wide), '--files'], width)
      expect(Math.max(...out.map((line) => line.length))).toBeLessThanOrEqual(width)
    }
  })

  test('distinguishes unknown row counts from zero', async () => {
    const { out } = await table([folderOf(logOf([[...start, add('a', { stats: null })]]))])
    expect(out.join('\n')).toContain('unknown: statistics are missing')
  })

  test('shows what is known of a refused table', async () => {
    const { code, out, err } = await table([folderOf(logOf([[features(['catalogManaged']), metaData()]]))])
    expect(code).toBe(1)
    expect(out.join('\n')).toMatch(/refused +catalogManaged/u)
    expect(err.join('\n')).toContain('only the catalog knows')
  })

  test.each([
    [[]],
    [['a', 'b']],
    [['a', '--version']],
    [['a', '--version', '-1']],
    [['a', '--version', '1.5']],
    [['a', '--what']],
    [['gs://bucket/t']],
  ])('%j is a usage error', async (args) => {
    await expect(table(args)).rejects.toBeInstanceOf(UsageError)
  })
})
