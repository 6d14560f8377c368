import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { field, isReadable, join } from '../../../src/reactions/catalog-files/lattice.ts'
import { canonical } from '../../../src/glue/text.ts'
import type { DataType, StructField } from '../../../src/tables/schema.ts'

const settings = { seed: 20_261_122, numRuns: 2000 }

const decimal = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
  .filter(([precision, scale]) => scale <= precision)
  .map(([precision, scale]) => `decimal(${precision},${scale})`)
const primitive = fc.oneof(
  fc.constantFrom('void', 'byte', 'short', 'integer', 'long', 'float', 'double', 'boolean'),
  fc.constantFrom('string', 'binary', 'date', 'timestamp', 'timestamp_ntz'),
  decimal,
)
const { dataType } = fc.letrec<{ dataType: DataType; fields: StructField[] }>((tie) => ({
  dataType: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    primitive,
    fc.record({ type: fc.constant('array' as const), elementType: tie('dataType'), containsNull: fc.constant(true) }),
    fc.record({
      type: fc.constant('map' as const),
      keyType: fc.constant('string'),
      valueType: tie('dataType'),
      valueContainsNull: fc.constant(true),
    }),
    fc.record({ type: fc.constant('struct' as const), fields: tie('fields') }),
  ),
  fields: fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'B', 'b', 'c', 'd'), tie('dataType')), {
      maxLength: 4,
      selector: ([name]) => name.toLowerCase(),
    })
    .map((all) => all.map(([name, type]) => field(name, type))),
}))

/** Equal up to the order and case of fields, which Hive ignores too. */
function normal(type: DataType): string {
  return canonical(folded(type))
}

function folded(type: DataType): unknown {
  if (typeof type === 'string') return type
  if (type.type === 'array') return { array: folded(type.elementType) }
  if (type.type === 'map') return { key: folded(type.keyType), value: folded(type.valueType) }
  return Object.fromEntries(type.fields.map(({ name, type: inner }) => [name.toLowerCase(), folded(inner)]))
}

describe('The columns do not depend on the order of files: joining types is', () => {
  test('associative', () => {
    fc.assert(
      fc.property(dataType, dataType, dataType, (a, b, c) => {
        expect(normal(join(join(a, b), c))).toBe(normal(join(a, join(b, c))))
      }),
      settings,
    )
  })

  test('commutative', () => {
    fc.assert(
      fc.property(dataType, dataType, (a, b) => {
        expect(normal(join(a, b))).toBe(normal(join(b, a)))
      }),
      settings,
    )
  })

  test('idempotent, so that a file that is read again changes nothing', () => {
    fc.assert(
      fc.property(dataType, dataType, (a, b) => {
        const joined = join(a, b)
        expect(join(joined, b)).toEqual(joined)
        expect(join(a, a)).toEqual(a)
      }),
      settings,
    )
  })
})

test.each<[DataType, DataType, DataType]>([
  ['void', 'date', 'date'],
  ['byte', 'integer', 'integer'],
  ['integer', 'long', 'long'],
  ['long', 'double', 'double'],
  ['short', 'float', 'float'],
  ['integer', 'float', 'double'],
  ['long', 'decimal(5,2)', 'decimal(21,2)'],
  ['decimal(5,2)', 'decimal(6,4)', 'decimal(7,4)'],
  ['decimal(38,0)', 'decimal(38,38)', 'double'],
  ['decimal(38,10)', 'double', 'double'],
  ['timestamp_ntz', 'timestamp', 'timestamp'],
  ['date', 'timestamp', 'string'],
  ['boolean', 'long', 'string'],
  ['binary', 'string', 'string'],
  [{ type: 'array', elementType: 'void', containsNull: true }, 'long', 'string'],
  [
    { type: 'struct', fields: [field('a', 'long')] },
    { type: 'struct', fields: [field('b', 'date'), field('A', 'double')] },
    { type: 'struct', fields: [field('a', 'double'), field('b', 'date')] },
  ],
])('%j and %j are held by %j', (a, b, expected) => {
  expect(join(a, b)).toEqual(expected)
})

describe('A column is widened only as far as the readers of its format can:', () => {
  test.each<['parquet' | 'avro' | 'json', DataType, DataType, boolean]>([
    ['parquet', 'integer', 'long', true],
    ['parquet', 'long', 'integer', false],
    ['parquet', 'float', 'double', true],
    ['parquet', 'integer', 'double', false],
    ['avro', 'integer', 'double', true],
    ['parquet', 'decimal(5,2)', 'decimal(9,2)', true],
    ['parquet', 'decimal(5,2)', 'decimal(9,3)', false],
    ['parquet', 'long', 'decimal(19,0)', false],
    ['parquet', 'long', 'string', false],
    ['parquet', 'binary', 'string', true],
    ['json', { type: 'struct', fields: [] }, 'string', true],
    [
      'parquet',
      { type: 'struct', fields: [field('a', 'long')] },
      { type: 'struct', fields: [field('A', 'string')] },
      false,
    ],
    ['parquet', { type: 'struct', fields: [] }, { type: 'array', elementType: 'long', containsNull: true }, false],
  ])('%s: %j as %j: %s', (format, from, to, expected) => {
    expect(isReadable(format, from, to)).toBe(expected)
  })
})
