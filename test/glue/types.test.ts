import { describe, expect, test } from '@jest/globals'
import { hiveType } from '../../src/glue/types.ts'
import type { DataType } from '../../src/tables/schema.ts'
import { field } from '../reactions/catalog/given.ts'

const array = (elementType: DataType): DataType => ({ type: 'array', elementType, containsNull: true })
const map = (keyType: DataType, valueType: DataType): DataType => ({
  type: 'map',
  keyType,
  valueType,
  valueContainsNull: true,
})
const struct = (fields: Readonly<Record<string, DataType>>): DataType => ({
  type: 'struct',
  fields: Object.entries(fields).map(([name, type]) => field(name, type)),
})

describe('A column is shown in the catalog', () => {
  test.each<[DataType, string]>([
    ['byte', 'tinyint'],
    ['short', 'smallint'],
    ['integer', 'int'],
    ['long', 'bigint'],
    ['float', 'float'],
    ['double', 'double'],
    ['decimal(38,18)', 'decimal(38,18)'],
    ['decimal(10, 2)', 'decimal(10,2)'],
    ['decimal', 'decimal(10,0)'],
    ['boolean', 'boolean'],
    ['string', 'string'],
    ['binary', 'binary'],
    ['date', 'date'],
    ['timestamp', 'timestamp'],
    ['timestamp_ntz', 'timestamp'],
    ['variant', 'string'],
    ['void', 'string'],
    [array('long'), 'array<bigint>'],
    [map('string', array('timestamp_ntz')), 'map<string,array<timestamp>>'],
    [struct({ A: 'integer', b_1: struct({ c: 'decimal(3,1)' }) }), 'struct<A:int,b_1:struct<c:decimal(3,1)>>'],
    [struct({ 'größe in m': 'double' }), 'struct<größe in m:double>'],
  ])('%j as %s', (type, expected) => {
    expect(hiveType(field('c', type))).toBe(expected)
  })

  test.each(['a-b', 'a,b', 'a:b', 'a<b', 'a>b', 'a`b', 'a\nb', 'a(b'])(
    'as a string when a nested name (%j) would make its type unreadable, and the table with it',
    (name) => {
      expect(hiveType(field('c', array(struct({ ok: 'long', [name]: 'long' }))))).toBe('string')
    },
  )

  test('as a string when it is an empty struct, which Hive cannot express', () => {
    expect(hiveType(field('c', struct({})))).toBe('string')
  })

  test.each([
    ['string', 'varchar(10)', 'varchar(10)'],
    ['string', 'char(3)', 'varchar(3)'],
    ['string', 'varchar(70000)', 'string'],
    ['string', 'nonsense', 'string'],
    ['long', 'varchar(10)', 'bigint'],
  ])('with the length that Spark declared: %s, %s as %s', (type, declared, expected) => {
    expect(hiveType(field('c', type, { __CHAR_VARCHAR_TYPE_STRING: declared }))).toBe(expected)
  })
})

describe('A column is refused, by name,', () => {
  test.each<[string, DataType, string]>([
    ['at the top', 'geometry(OGC:CRS84)', 'c'],
    ['when its type is a property name of JavaScript objects', 'constructor', 'c'],
    ['deep inside', array(struct({ a: map('string', 'interval day') })), 'c.a'],
    ['beside a nested name that Hive cannot express', struct({ 'a-b': 'interval day' }), 'c.a-b'],
  ])('when its type is unknown: %s', (_where, type, name) => {
    expect(() => hiveType(field('c', type))).toThrow(
      expect.objectContaining({
        name: 'Refused',
        code: 'unknown-type',
        message: expect.stringContaining(`Column ${name}:`),
      }),
    )
  })

  test('when its type is longer than Glue allows', () => {
    const wide = struct(Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`field_${i}`, 'string'])))
    expect(() => hiveType(field('wide', wide))).toThrow(
      expect.objectContaining({ code: 'type-too-long', message: expect.stringContaining('Column wide:') }),
    )
  })
})
