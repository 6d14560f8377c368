import { describe, expect, test } from '@jest/globals'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { inflate } from '../../../../src/tables/node/decompressors.ts'
import { readFile } from '../../../../src/reactions/catalog-files/sample.ts'
import { inferJson } from '../../../../src/reactions/catalog-files/infer/json.ts'
import { MemoryStore } from '../../../tables/table-store.twin.ts'
import { columns } from './given.ts'

const json = (content: string) => columns('a.json', 'json', content)

describe('JSON', () => {
  test.each([
    ['one object a line', '{"a":1,"b":"x"}\n{"a":2}\n', 'a bigint, b string'],
    ['no line break at the end', '{"a":1}', 'a bigint'],
    ['Windows line ends, and empty lines', '{"a":1}\r\n\r\n{"b":true}\r\n', 'a bigint, b boolean'],
    ['a byte order mark', '\uFEFF{"a":1}', 'a bigint'],
    ['one array', ' [ {"a":1},\n {"b":2.5} ]\n', 'a bigint, b double'],
    ['one object over many lines', '{\n "a": {\n "b": [1, null, 2.5]\n }\n}', 'a struct<b:array<double>>'],
    ['brackets and quotes in texts', String.raw`{"a":"}{\"][\\"}` + '\n{"a":"x"}', 'a string'],
    ['whole numbers beside fractions', '{"a":1,"b":1,"c":1.0}\n{"a":2,"b":2.5,"c":2}', 'a bigint, b double, c double'],
    ['numbers beyond 64 bits', '{"a":9223372036854775807,"b":9223372036854775808}', 'a bigint, b decimal(19,0)'],
    ['nothing but nulls', '{"a":null,"b":[]}', 'a string, b array<string>'],
    ['a null, then a value', '{"a":null}\n{"a":{"x":1}}', 'a struct<x:bigint>'],
    ['numbers and texts', '{"a":1}\n{"a":"x"}', 'a string'],
    ['an object and a text, which the SerDe gives as text', '{"a":{"x":1}}\n{"a":"x"}', 'a string'],
    ['dates and times as Athena reads them', '{"d":"2026-11-22","t":"2026-11-22 01:02:03.5"}', 'd date, t timestamp'],
    ['ISO times, which Athena does not read', '{"t":"2026-11-22T01:02:03Z"}', 't string'],
    ['an impossible date', '{"d":"2026-13-22"}', 'd string'],
    ['keys that differ in case', '{"Id":1}\n{"id":2.5}', 'Id double'],
    [
      'property names of JavaScript objects',
      '{"__proto__":1,"constructor":{"length":2}}',
      '__proto__ bigint, constructor struct<length:bigint>',
    ],
  ])('with %s', async (_risk, content, expected) => {
    expect(await json(content)).toBe(expected)
  })

  test.each([
    ['no records', '\n \n', 'the file has no records'],
    ['an empty array', '[]', 'the file has no records'],
    ['a broken line', '{"a":1}\n{"a":\n', 'line 2 is not JSON'],
    ['a line that is not JSON', '{"a":1}\nhello\n', 'line 2 is not JSON'],
    ['a record cut off', '{"a":1}\n{"a":2', 'line 2 is not JSON'],
    ['a number instead of a record', '{"a":1}\n7\n', 'line 2 is not a JSON object'],
    ['something behind an array', '[{"a":1}] x', 'line 1 is not JSON'],
    ['an extra comma in a record', '{"a":1,}', 'line 1 is not JSON'],
  ])('that is bad is refused: %s', async (_risk, content, reason) => {
    expect(await json(content)).toContain(reason)
  })

  test('that is not UTF-8 is refused', async () => {
    expect(await columns('a.json', 'json', Buffer.from('{"a":"ä"}', 'latin1'))).toBe('the file is not UTF-8')
  })

  test('of any length costs one read of its beginning', async () => {
    const store = new MemoryStore()
    store.put('a.json', '{"a":"é☃😀"}\n'.repeat(100_000))
    const found = await readFile('a.json', 'json', store, inflate)
    expect(found).toMatchObject({ kind: 'read', file: { schema: { fields: [{ name: 'a', type: 'string' }] } } })
    expect(store.calls).toEqual(['open a.json', 'slice a.json'])
  })

  test('with a long first record is read once more, and not again', async () => {
    const store = new MemoryStore()
    store.put('long.json', `{"a":"${'x'.repeat(300_000)}"}\n{"b":1}`)
    store.put('longer.json', `{"a":"${'x'.repeat(5_000_000)}"}\n{"b":1}`)
    expect(await readFile('long.json', 'json', store, inflate)).toMatchObject({ kind: 'read' })
    expect(await readFile('longer.json', 'json', store, inflate)).toMatchObject({
      kind: 'refused',
      part: { reason: expect.stringContaining('longer than the 4 MB that are read') },
    })
    expect(store.calls.filter((call) => call === 'slice longer.json')).toHaveLength(2)
  })

  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ] as const)('that is compressed (.%s) is read from its beginning', async (ending, compress) => {
    const lines = Array.from({ length: 60_000 }, (_, i) => JSON.stringify({ i, r: Math.sin(i) })).join('\n')
    const packed = compress(Buffer.from(lines))
    expect(packed.length).toBeGreaterThan(300_000)
    expect(await columns(`a.json.${ending}`, 'json', packed)).toBe('i bigint, r double')
    expect(await columns(`a.json.${ending}`, 'json', compress(Buffer.from('{"a":1}')))).toBe('a bigint')
    expect(await columns(`a.json.${ending}`, 'json', '{"a":1}')).toContain('cannot be decompressed')
  })

  test('that decompresses to far more than its size is refused, not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(256 * 1024)
    expect(await columns('a.json.gz', 'json', bomb)).toContain('the first record is longer than the 4 MB')
  })

  test('with an unsupported compression is refused by name', async () => {
    expect(await columns('a.json.bz2', 'json', 'BZh9')).toContain('.bz2')
  })
})

test.each([200, 20_000, 120_000])('JSON that is nested %d levels deep is refused without a crash', async (depth) => {
  const content = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(await json(content)).toMatch(/nested|not JSON/)
})

const some = (count: number) => Array.from({ length: count }, (_, at) => `"c${at}":1`).join(',')
test.each([
  ['records after a wide one', `{${some(20_000)}}\n${'{}\n'.repeat(999)}`, 20_000],
  ['elements after a wide one', `{"a":[{${some(20_000)}}${',{}'.repeat(50_000)}]}`, 1],
  [
    'records of nested columns of their own',
    Array.from({ length: 1_000 }, (_, at) => `{"a":{"${at}":{${some(100)}}}}`).join('\n'),
    1,
  ],
])('JSON with many %s is read in time that is linear in its size', async (_risk, content, columns) => {
  const began = performance.now()
  expect(inferJson(content, true).fields).toHaveLength(columns)
  // Quadratic, each would take half a minute.
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('JSON whose wide objects stand in many lists within each other is refused early', async () => {
  let value = `{${some(50_000)}}`
  for (let at = 0; at < 80; at += 1) value = `[${'['.repeat(at)}{"n":1}${']'.repeat(at)},${value}]`
  expect(await json(`{"a":${value}}`)).toContain('too many fields in lists within each other')
})
