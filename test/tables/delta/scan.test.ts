import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type FileAction, parseFileAction } from '../../../src/tables/delta/actions.ts'
import { FileLineScanner } from '../../../src/tables/delta/scan.ts'
import { add, remove, vector } from './log-builder.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A scanned line as the parser would return it; `undefined` when the scanner leaves it to the parser. */
function scanned(line: string): Partial<FileAction> | undefined {
  const bytes = encoder.encode(line)
  const scanner = new FileLineScanner()
  const next = scanner.scan(bytes, 0)
  if (next === -1) return undefined
  expect(next).toBe(bytes.length)
  const path = decoder.decode(bytes.subarray(scanner.pathStart, scanner.pathEnd))
  if (!scanner.isAdd) return { kind: 'remove', path }
  const partitions = decoder.decode(bytes.subarray(scanner.partitionStart, scanner.partitionEnd))
  const partitionValues = partitions === '' ? {} : (JSON.parse(partitions) as Record<string, string | null>)
  return {
    kind: 'add',
    path,
    size: scanner.size,
    rows: Number.isNaN(scanner.rows) ? null : scanner.rows,
    partitionValues,
  }
}

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('"', '\\', '}}\n', '{"path":"x"}'),
)
const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.nat(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.dictionary(text, text, { maxKeys: 3 }),
  fc.array(text, { maxLength: 2 }),
)
const stats = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    '{}',
    'no json',
    '{"minValues":{},"numRecords":3}',
    '{"numRecords":null}',
    '{"numRecords": 4}',
    '{"numRecords":5.5}',
  ),
  fc
    .record({ numRecords: fc.nat(), minValues: fc.dictionary(text, text, { maxKeys: 2 }) })
    .map((one) => JSON.stringify(one)),
)
const action = fc.record(
  {
    path: text,
    partitionValues: fc.dictionary(text, fc.option(text.filter((one) => one !== '')), { maxKeys: 3 }),
    size: fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs)),
    modificationTime: fc.nat(),
    dataChange: fc.boolean(),
    stats,
    tags: value,
    deletionVector: fc.constantFrom(null, undefined),
    whatever: value,
  },
  { requiredKeys: ['path', 'size'] },
)

describe('the fast path over bytes', () => {
  test('reads a line as JSON.parse does, or leaves it to the parser', () => {
    let taken = 0
    const property = fc.property(
      fc.constantFrom('add' as const, 'remove' as const),
      action,
      fc.boolean(),
      (kind, fields, newline) => {
        const line = JSON.stringify({ [kind]: fields })
        const found = scanned(newline ? `${line}\n` : line)
        if (found === undefined) return
        taken += 1
        const parsed = parseFileAction(kind, (JSON.parse(line) as Record<string, unknown>)[kind])
        expect(parsed).toMatchObject(found)
      },
    )
    fc.assert(property, { seed: 11, numRuns: 5000 })
    expect(taken).toBeGreaterThan(1000)
  })

  test('reads the lines that engines write', () => {
    for (const one of [
      add('a'),
      add('a', { partitionValues: { p: 'x"y' }, tags: { k: 'v' } }),
      add('a', { stats: undefined }),
      remove('b'),
    ])
      expect(scanned(JSON.stringify(one))).toBeDefined()
  })

  test.each([
    ['a deletion vector', JSON.stringify(add('a', vector('v')))],
    ['parsed statistics', JSON.stringify(add('a', { stats_parsed: { numRecords: 1 } }))],
    ['white space', '{"add": {"path":"a","size":1}}'],
    ['a second action', '{"add":{"path":"a","size":1},"metaData":{}}'],
    ['an escape in the path', String.raw`{"add":{"path":"a\u0020b","size":1}}`],
    ['a control character in a string', '{"add":{"path":"a","size":1,"tags":{"a":"\t"}}}'],
    ['no path', '{"add":{"size":1}}'],
    ['no size', '{"add":{"path":"a"}}'],
    ['a size that is not an integer', '{"add":{"path":"a","size":1.5}}'],
    ['a size that is null', '{"add":{"path":"a","size":null}}'],
    ['a line that is cut off', '{"add":{"path":"a","size":1'],
    ['another action', '{"cdc":{"path":"a","size":1}}'],
  ])('leaves a line with %s to the parser', (_, line) => {
    expect(scanned(line)).toBeUndefined()
  })
})
