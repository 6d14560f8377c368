import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { partitionOf } from '../../../src/tables/landing/partition.ts'
import { byBytes, isData, partitionValues } from '../../../src/tables/landing/paths.ts'

describe('data', () => {
  test.each([
    'a.json',
    'dt=2026-11-22/a.json',
    '_year=2026/a.json',
    'a b+c%2B é.json',
    'x/_y=1/z=_2/part-0',
    'a/b_c.csv',
  ])('%s is data', (key) => expect(isData(key)).toBe(true))
  test.each([
    '',
    'folder/',
    '_SUCCESS',
    'dt=1/_SUCCESS',
    '_temporary/0/part-0',
    'a/_temporary/part-0',
    '.hidden',
    '.staging=1/a',
    'a/.tmp/b',
    '_delta_log/00000000000000000000.json',
    '_metadata',
    '_x=1',
    'a.json._COPYING_',
  ])("'%s' is not", (key) => expect(isData(key)).toBe(false))
})

describe('partition values', () => {
  test('come from the folders, in any order and case, decoded as Hive encodes them', () => {
    expect(partitionValues('Year=2026/city=S%C3%A3o%20Paulo%2F1/part=x.json', ['city', 'year', 'part'])).toEqual({
      year: '2026',
      city: 'São Paulo/1',
    })
  })
  test.each([
    ['dt=__HIVE_DEFAULT_PARTITION__/a', { dt: null }],
    ['dt=/a', { dt: '' }],
    ['dt=a=b/c', { dt: 'a=b' }],
    ['dt=100%/c', { dt: '100%' }],
    ['dt=%E9/c', { dt: '%E9' }],
    ['dt=a+b/c', { dt: 'a+b' }],
    ['=x/c', {}],
    ['plain/c', {}],
  ])('%s has %j', (path, values) => expect(partitionValues(path, ['dt'])).toEqual(values))
  test('of a table without partitions there are none', () => expect(partitionValues('dt=1/a', [])).toEqual({}))
})

describe('the order of keys', () => {
  test('is that of their UTF-8 bytes, with surrogates', () => {
    const key = fc.string({
      unit: fc.constantFrom('a', 'b', '\u00e9', '\uD7FF', '\uE000', '\uFFFD', '\u{1F600}', '/'),
      maxLength: 5,
    })
    fc.assert(
      fc.property(
        key,
        key,
        (a, b) => Math.sign(byBytes(a, b)) === Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
      ),
      { seed: 20_261_122, numRuns: 5_000 },
    )
  })
})

test('a key of separators alone is matched fast, whatever the pattern', () => {
  const table = { partitions: ['a', 'b', 'c', 'd'], partitionPattern: '{a}-{b}-{c}-{d}.x' }
  const began = performance.now()
  expect(partitionOf(`${'-'.repeat(1_000)}/f.json`, table)).toHaveProperty('misfit')
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(partitionOf('-1-2-3-4-5.x/f.json', table)).toMatchObject({ values: ['-1', '2', '3', '4-5'] })
})
