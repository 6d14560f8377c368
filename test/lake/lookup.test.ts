import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { parseLake, serializeLake } from '../../src/lake/lake-json.ts'
import { tableAt, tableOf } from '../../src/lake/lookup.ts'

const part = fc.constantFrom('a', 'b', 'ab', 'a b', 'a%20b', 'ä')
const prefix = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('/'))
const location = fc.record({ bucket: fc.constantFrom('one', 'two'), prefix })

const inside = (outer: string, inner: string): boolean => outer === '' || `${inner}/`.startsWith(`${outer}/`)

/** Valid lakes: no location is inside another. */
const lakes = fc.array(location, { maxLength: 12 }).map((locations): Lake => {
  const tables: Table[] = []
  for (const each of locations) {
    const clash = tables.some(
      ({ location: other }) =>
        other.bucket === each.bucket && (inside(other.prefix, each.prefix) || inside(each.prefix, other.prefix)),
    )
    if (!clash) tables.push({ name: `t${tables.length}`, location: each, format: 'delta', partitions: [] })
  }
  return {
    name: 'lake',
    stage: 'dev',
    models: {},
    registries: {},
    buckets: {},
    tables: Object.fromEntries(tables.map((table) => [table.name, table])),
  }
})

const keys = fc.tuple(prefix, fc.constantFrom('', '/', '/x.parquet', 'x', '//')).map(([start, end]) => `${start}${end}`)

test('an object belongs to the same table as by comparing its key with every location', () => {
  fc.assert(
    fc.property(lakes, fc.constantFrom('one', 'two', 'three'), keys, (lake, bucket, key) => {
      const holds = ({ location: { bucket: own, prefix: start } }: Table): boolean =>
        own === bucket && (start === '' || key.startsWith(`${start}/`))
      expect(tableOf(lake)(bucket, key)).toBe(Object.values(lake.tables).find(holds))
    }),
    { seed: 7, numRuns: 5000 },
  )
})

test('tableAt finds only the table at exactly this location', () => {
  fc.assert(
    fc.property(lakes, location, (lake, { bucket, prefix: wanted }) => {
      const same = Object.values(lake.tables).find(
        (table) => table.location.bucket === bucket && table.location.prefix === wanted,
      )
      expect(tableAt(lake)(bucket, wanted)).toBe(same)
    }),
    { seed: 7, numRuns: 2000 },
  )
})

test('a lake survives being written and read', () => {
  fc.assert(
    fc.property(lakes, (lake) => {
      expect(parseLake(serializeLake(lake))).toEqual(lake)
    }),
    { seed: 7 },
  )
})

test.each([
  ['not JSON', 'lake: flights', 'not JSON'],
  ['an older format', '{"formatVersion": 1, "name": "x"}', 'format version 1'],
  ['without a version', '[]', 'format version undefined'],
  ['without tables', '{"formatVersion": 2, "name": "x", "stage": "dev", "buckets": {}}', 'not a resolved lake'],
  [
    'without models',
    '{"formatVersion": 2, "name": "x", "stage": "dev", "buckets": {}, "tables": {}, "registries": {}}',
    'not a resolved lake',
  ],
  [
    'with half a table',
    '{"formatVersion": 2, "name": "x", "stage": "dev", "buckets": {}, "models": {}, "registries": {}, "tables": {"t": {"name": "t"}}}',
    'not a resolved lake',
  ],
])('a lake.json that is %s fails, with the advice to deploy again', (_, text, says) => {
  expect(() => parseLake(text)).toThrow(says)
  expect(() => parseLake(text)).toThrow('deploy again')
})
