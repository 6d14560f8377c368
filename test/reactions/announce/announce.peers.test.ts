import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import type { CommitSummary } from '../../../src/reactions/announce/facts.ts'
import { folderStore } from '../../../src/tables/node/folder.ts'
import { summaries } from './given.ts'

interface PeerFile {
  readonly size: number
  readonly rows: number | null
  readonly day: string | null
}

/** What delta-rs reports about a version of a table; see announced-tables.py. */
interface Reading {
  readonly table: string
  readonly version: number
  readonly operation: string
  readonly metrics: Readonly<Record<string, string | number | boolean>>
  /** Live files by decoded path. */
  readonly files: Readonly<Record<string, PeerFile>>
  readonly columns: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, string>>
  readonly writer: number
}

const python = process.env['LANDFALL_PYTHON'] ?? join(import.meta.dirname, '../../../.venv/bin/python')
const root = mkdtempSync(join(tmpdir(), 'landfall-announce-'))
afterAll(() => rmSync(root, { recursive: true }))

const printed = execFileSync(python, [join(import.meta.dirname, 'announced-tables.py'), root], { encoding: 'utf8' })
const readings = printed
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Reading)

const facts = new Map<string, CommitSummary[]>()
for (const { table } of readings)
  if (!facts.has(table)) facts.set(table, await summaries(deltaVersions(folderStore(join(root, table)))))

/** Each version with the one before it; `undefined` before the first. */
const steps = readings.map((now, at) => {
  const before = readings[at - 1]
  return { now, before: before?.table === now.table ? before : undefined, fact: facts.get(now.table)![now.version]! }
})
const named = steps.map(
  (step) => [`${step.now.table}, version ${step.now.version}: ${step.now.operation}`, step] as const,
)

const added = <V>(one: Readonly<Record<string, V>> = {}, other: Readonly<Record<string, V>> = {}): V[] =>
  Object.entries(other).flatMap(([key, value]) => (key in one ? [] : [value]))
const sum = (values: readonly (number | null)[]) =>
  values.reduce((total, value) => (total === null || value === null ? null : total + value), 0)

test('delta-rs wrote a history with every kind of change', () => {
  const operations = new Set(readings.map(({ operation }) => operation))
  for (const operation of [
    'WRITE',
    'DELETE',
    'UPDATE',
    'MERGE',
    'OPTIMIZE',
    'RESTORE',
    'ADD COLUMN',
    'SET TBLPROPERTIES',
  ])
    expect(operations).toContain(operation)
})

test('each version that delta-rs wrote has one fact', () => {
  for (const [table, all] of facts)
    expect(all.map(({ version }) => version)).toEqual(
      readings.flatMap((reading) => (reading.table === table ? [reading.version] : [])),
    )
  expect(new Set([...facts.values()].flat().map(({ id }) => id)).size).toBe(readings.length)
})

describe('a fact agrees with what delta-rs reports about the version:', () => {
  test.each(named)('%s', (_, { now, before, fact }) => {
    const [came, went] = [added(before?.files, now.files), added(now.files, before?.files)]
    const size = ({ size }: PeerFile) => size
    expect(fact).toMatchObject({
      operation: now.operation,
      files: { added: came.length, removed: went.length, updated: 0 },
      bytes: { added: sum(came.map(size)), removed: sum(went.map(size)) },
    })
    expect(fact.rows.added).toBe(sum(came.map(({ rows }) => rows)))
    // delta-rs writes no statistics for removed files.
    expect(fact.rows.removed).toBe(went.length === 0 ? 0 : null)
    expect(fact.dataChange).toBe(now.operation !== 'OPTIMIZE' && came.length + went.length > 0)
    const texts = Object.entries(now.metrics).map(([name, value]) => [name, String(value)])
    expect(Object.fromEntries(Object.entries(fact.metrics ?? {}))).toEqual(Object.fromEntries(texts))
  })

  test.each(named)('its partitions, %s', (_, { now, before, fact }) => {
    const touched = [...added(before?.files, now.files), ...added(now.files, before?.files)]
    const days = new Set(touched.flatMap(({ day }) => day ?? []))
    expect(fact.partitions.count).toBe(days.size)
    expect(new Set(fact.partitions.first.map(({ day }) => day))).toEqual(days)
  })

  test.each(named)('its schema, properties and protocol, %s', (_, { now, before, fact }) => {
    const names = (one: Reading | undefined, other: Reading | undefined) =>
      Object.keys(other?.columns ?? {}).filter((name) => one?.columns[name] === undefined)
    const columns = (list: { readonly first: readonly { readonly column: string }[] } | undefined) =>
      new Set((list?.first ?? []).map(({ column }) => column))
    expect(columns(fact.schema?.added)).toEqual(new Set(names(before, now)))
    expect(columns(fact.schema?.dropped)).toEqual(new Set(names(now, before)))
    const retyped = Object.keys(now.columns).filter(
      (name) => before?.columns[name] !== undefined && before.columns[name] !== now.columns[name],
    )
    expect(columns(fact.schema?.changed)).toEqual(new Set(retyped))
    const was = before?.properties ?? {}
    const set = [...new Set([...Object.keys(was), ...Object.keys(now.properties)])]
      .filter((name) => was[name] !== now.properties[name])
      .map((name) => [name, was[name], now.properties[name]])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    expect((fact.properties?.first ?? []).map(({ name, from, to }) => [name, from, to])).toEqual(set)
    if (before?.writer !== now.writer)
      expect([fact.protocol?.from?.minWriterVersion, fact.protocol?.to.minWriterVersion]).toEqual([
        before?.writer,
        now.writer,
      ])
    else expect(fact.protocol).toBeUndefined()
  })
})
