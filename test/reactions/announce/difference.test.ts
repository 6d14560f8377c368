import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { propertyDifference, protocolDifference, schemaDifference } from '../../../src/reactions/announce/difference.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import type { DataType, StructField } from '../../../src/tables/schema.ts'

const field = (name: string, type: DataType = 'long', more: Partial<StructField> = {}): StructField => ({
  name,
  type,
  nullable: true,
  metadata: {},
  ...more,
})
const mapped = (name: string, physical: string, type: DataType = 'long') =>
  field(name, type, { metadata: { 'delta.columnMapping.physicalName': physical } })
const struct = (...fields: StructField[]): DataType => ({ type: 'struct', fields })
const table = (fields: readonly StructField[], more: Partial<TableMetadata> = {}): TableMetadata => ({
  id: 'id',
  schema: { type: 'struct', fields },
  partitionColumns: [],
  properties: {},
  ...more,
})
const between = (before: readonly StructField[], after: readonly StructField[]) =>
  schemaDifference(table(before), table(after))

describe('the difference of two schemas', () => {
  test('of the first version has all columns as added', () => {
    expect(schemaDifference(undefined, table([field('id'), field('day', 'date')]))).toEqual({
      added: {
        count: 2,
        first: [
          { column: 'id', type: 'long' },
          { column: 'day', type: 'date' },
        ],
      },
    })
  })

  test('of equal schemas is empty, in any order of the columns', () => {
    expect(between([field('a'), field('b')], [field('b'), field('a')])).toBeUndefined()
  })

  test('names what was added, dropped and retyped', () => {
    expect(between([field('a', 'integer'), field('b')], [field('a', 'long'), field('c', 'string')])).toEqual({
      added: { count: 1, first: [{ column: 'c', type: 'string' }] },
      dropped: { count: 1, first: [{ column: 'b', type: 'long' }] },
      changed: { count: 1, first: [{ column: 'a', type: { from: 'integer', to: 'long' } }] },
    })
  })

  test('a column with another name in a mapped table was renamed, and may also be retyped', () => {
    expect(between([mapped('a', 'p1')], [mapped('b', 'p1', 'string')])).toEqual({
      renamed: { count: 1, first: [{ from: 'a', to: 'b' }] },
      changed: { count: 1, first: [{ column: 'b', type: { from: 'long', to: 'string' } }] },
    })
  })

  test('a mapped column that was dropped and added again is a new one, even with the same name', () => {
    expect(between([mapped('a', 'p1')], [mapped('a', 'p2')])).toMatchObject({
      added: { first: [{ column: 'a' }] },
      dropped: { first: [{ column: 'a' }] },
    })
  })

  test('enabling column mapping changes no column', () => {
    expect(between([field('a'), field('b')], [mapped('a', 'a'), mapped('b', 'b')])).toBeUndefined()
  })

  test('without column mapping, only a change of case is a rename', () => {
    expect(between([field('Day')], [field('day')])).toEqual({
      renamed: { count: 1, first: [{ from: 'Day', to: 'day' }] },
    })
  })

  test('has the path of changes in structs, lists and maps', () => {
    const nested = (leaf: DataType, more: StructField[] = []): readonly StructField[] => [
      field('s', struct(field('a', leaf), ...more)),
      field('l', { type: 'array', elementType: struct(field('b', leaf)), containsNull: true }),
      field('m', { type: 'map', keyType: leaf, valueType: leaf, valueContainsNull: true }),
    ]
    const difference = between(nested('integer'), nested('long', [field('n', 'date')]))
    const type = { from: 'integer', to: 'long' }
    expect(difference?.added?.first).toEqual([{ column: 's.n', type: 'date' }])
    expect(difference?.changed?.first).toEqual(
      ['s.a', 'l.element.b', 'm.key', 'm.value'].map((column) => ({ column, type })),
    )
  })

  test('a struct in place of a list is a new type, given in full', () => {
    const list: DataType = { type: 'array', elementType: 'long', containsNull: true }
    expect(between([field('a', list)], [field('a', struct(field('b')))])?.changed?.first).toEqual([
      { column: 'a', type: { from: 'array<long>', to: 'struct<b: long>' } },
    ])
  })

  test('includes comments and nullability', () => {
    const after = field('a', 'long', { nullable: false, metadata: { comment: 'new' } })
    expect(between([field('a')], [after])?.changed?.first).toEqual([
      { column: 'a', nullable: { from: true, to: false }, comment: { from: null, to: 'new' } },
    ])
  })

  test('includes changed partition columns, but not renamed ones', () => {
    const one = table([mapped('a', 'p1')], { partitionColumns: ['a'] })
    const renamed = table([mapped('b', 'p1')], { partitionColumns: ['b'] })
    expect(schemaDifference(one, renamed)).not.toHaveProperty('partitionColumns')
    expect(schemaDifference(one, table([mapped('a', 'p1')]))).toEqual({ partitionColumns: { from: ['a'], to: [] } })
  })

  test('lists up to a hundred columns, with the total', () => {
    const wide = Array.from({ length: 3_000 }, (_, i) => field(`c${i}`))
    const { added } = between([], wide) ?? {}
    expect([added?.count, added?.first.length]).toEqual([3_000, 100])
  })

  test('what is added from one schema to another is dropped in the other direction', () => {
    const columns = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 })
    fc.assert(
      fc.property(columns, columns, (one, other) => {
        const names = (list: { first: { column: string }[] } | undefined) =>
          (list?.first ?? []).map(({ column }) => column).sort()
        const forth = between(
          one.map((name) => field(name)),
          other.map((name) => field(name)),
        )
        const back = between(
          other.map((name) => field(name)),
          one.map((name) => field(name)),
        )
        expect(names(forth?.added)).toEqual(other.filter((name) => !one.includes(name)).sort())
        expect(names(forth?.added)).toEqual(names(back?.dropped))
        expect(names(forth?.dropped)).toEqual(names(back?.added))
      }),
    )
  })
})

describe('the difference of properties', () => {
  test('has the values that were set, changed and unset', () => {
    const before = table([], { properties: { kept: '1', changed: '1', unset: '1' } })
    const after = table([], { properties: { kept: '1', changed: '2', set: '1' } })
    expect(propertyDifference(before, after)).toEqual({
      count: 3,
      first: [
        { name: 'changed', from: '1', to: '2' },
        { name: 'set', to: '1' },
        { name: 'unset', from: '1' },
      ],
    })
    expect(propertyDifference(before, before)).toBeUndefined()
  })

  test('shortens long values', () => {
    const [{ to } = {}] = propertyDifference(undefined, table([], { properties: { a: 'é'.repeat(9_000) } }))!.first
    expect(to).toBe(`${'é'.repeat(250)}…`)
  })
})

test('long names of nested columns do not multiply: 400 columns in structs whose names have a megabyte do not take 400', () => {
  const nest = (type: DataType) =>
    Array.from({ length: 60 }).reduce<DataType>((inner) => struct(field('n'.repeat(20_000), inner)), type)
  const before = [field('a', nest(struct()))]
  const after = [field('a', nest(struct(...Array.from({ length: 400 }, (_, at) => field(`c${at}`)))))]
  const used = process.memoryUsage().heapUsed
  expect(between(before, after)?.added?.count).toBe(400)
  expect(process.memoryUsage().heapUsed - used).toBeLessThan(100 * 1024 * 1024)
})

describe('the difference of protocols', () => {
  const one = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['b', 'a'], writerFeatures: ['c'] }

  test('is the new protocol, and the old one if there was one', () => {
    const to = { ...one, readerFeatures: ['a', 'b'] }
    expect(protocolDifference(undefined, one)).toEqual({ to })
    const from = { minReaderVersion: 1, minWriterVersion: 2, readerFeatures: [], writerFeatures: [] }
    expect(protocolDifference(from, one)).toEqual({ from, to })
  })

  test('is empty for the same features in another order', () => {
    expect(protocolDifference(one, { ...one, readerFeatures: ['a', 'b'] })).toBeUndefined()
  })
})
