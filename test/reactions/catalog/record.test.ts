import { describe, expect, test } from '@jest/globals'
import { decide } from '../../../src/reactions/catalog/decide.ts'
import type { TableInput } from '../../../src/glue/ports.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { base, columns, EPOCH, field, flights, follow, id, keep, metadata, untouched } from './given.ts'

const comment = (found: TableInput) => found.StorageDescriptor?.Columns?.[0]?.Comment

const team = async (before: TableMetadata, after: TableMetadata) => (await follow(before, after)).Parameters?.['team']

describe('The record follows', () => {
  test.each<[string, TableMetadata, string[]]>([
    [
      'an added column',
      metadata([...base.schema.fields, field('delay', 'integer')]),
      ['id bigint', 'origin string', 'delay int'],
    ],
    ['a dropped column', metadata([id]), ['id bigint']],
    ['a retyped column', metadata([id, field('origin', 'binary')]), ['id bigint', 'origin binary']],
    ['the order of columns', metadata([field('origin', 'string'), id]), ['origin string', 'id bigint']],
    [
      'a column renamed by column mapping',
      metadata([
        id,
        field('airport', 'string', { 'delta.columnMapping.id': 2, 'delta.columnMapping.physicalName': 'origin' }),
      ]),
      ['id bigint', 'airport string'],
    ],
    [
      'a nested field',
      metadata([id, field('origin', { type: 'struct', fields: [field('iata', 'string')] })]),
      ['id bigint', 'origin struct<iata:string>'],
    ],
    ['partition columns, as plain columns', { ...base, partitionColumns: ['origin'] }, ['id bigint', 'origin string']],
    [
      'a name with capitals, in lower case as Hive needs it',
      metadata([field('flightId', 'long')]),
      ['flightid bigint'],
    ],
  ])('%s', async (_what, after, expected) => {
    const found = await follow(base, after)
    expect(columns(found)).toEqual(expected)
    expect(found.PartitionKeys).toEqual([])
    expect(JSON.parse(found.Parameters?.['spark.sql.sources.schema.part.0'] ?? '')).toEqual(after.schema)
  })

  test('a comment, its change and its removal', async () => {
    const commented = metadata([field('id', 'long', { comment: 'the flight' })])
    expect(comment(await follow(base, commented))).toBe('the flight')
    expect(comment(await follow(commented, metadata([field('id', 'long', { comment: 'else' })])))).toBe('else')
    expect(comment(await follow(commented, metadata([id])))).toBeUndefined()
  })

  test('a description, for Glue and for Spark, and its removal', async () => {
    const described = { ...base, description: 'All\nflights' }
    const found = await follow(base, described)
    expect([found.Description, found.Parameters?.['comment']]).toEqual(['All\nflights', 'All\nflights'])
    const without = await follow(described, base)
    expect([without.Description, without.Parameters?.['comment']]).toEqual([undefined, undefined])
  })

  test('a table property set, changed and removed', async () => {
    const having = (properties: Record<string, string>) => ({ ...base, properties })
    expect(await team(base, having({ team: 'a' }))).toBe('a')
    expect(await team(having({ team: 'a' }), having({ team: 'b' }))).toBe('b')
    expect(await team(having({ team: 'a' }), having({ other: 'c' }))).toBeUndefined()
    expect(await team(having({ team: 'a' }), base)).toBeUndefined()
  })

  test('a schema that grows beyond what Spark puts in one part, and shrinks again', async () => {
    const wide = metadata(Array.from({ length: 200 }, (_, i) => field(`column_😀_${i}`, 'string')))
    const found = await follow(base, wide)
    const parts = Number(found.Parameters?.['spark.sql.sources.schema.numParts'])
    expect(parts).toBeGreaterThan(3)
    const texts = Array.from(
      { length: parts },
      (_, i) => found.Parameters?.[`spark.sql.sources.schema.part.${i}`] ?? '',
    )
    expect(texts.every((text) => text.length <= 4000 && text.isWellFormed())).toBe(true)
    expect(JSON.parse(texts.join(''))).toEqual(wide.schema)
    const shrunk = await follow(wide, base)
    expect(Object.keys(shrunk.Parameters ?? {}).filter((key) => key.includes('.part.'))).toHaveLength(1)
  })

  test('the location of the table, when lake.yml changes it', async () => {
    const glue = glueTwin()
    await keep(glue, base, 3)
    const found = await glue.find('silver', 'flights')
    const moved = { ...flights, location: { bucket: 'other', prefix: '' } }
    const { actions } = decide({ version: 3, committed: EPOCH + 3, table: moved, metadata: base, found }, untouched)
    expect(actions).toMatchObject([
      {
        definition: {
          StorageDescriptor: { Location: 's3://other/', SerdeInfo: { Parameters: { path: 's3://other/' } } },
        },
      },
    ])
  })
})

describe('What Glue cannot hold is cut to its limits', () => {
  test('a long comment of several lines becomes one line of 255 bytes of whole characters', async () => {
    const found = await follow(base, metadata([field('id', 'long', { comment: `two\nlines ${'é'.repeat(300)}` })]))
    expect(found.StorageDescriptor?.Columns?.[0]?.Comment).toBe(`two lines ${'é'.repeat(122)}`)
  })

  test('a long description is cut, but not for Spark', async () => {
    const found = await follow(base, { ...base, description: 'd'.repeat(3000) })
    expect([found.Description?.length, found.Parameters?.['comment']?.length]).toEqual([2048, 3000])
  })

  test('a property whose name Glue cannot hold, or that would mean something else, is left out', async () => {
    const bad = {
      ['k'.repeat(256)]: 'v',
      '': 'v',
      'a\nb': 'v',
      table_type: 'ICEBERG',
      'spark.sql.sources.provider': 'parquet',
      path: 'v',
    }
    const found = await follow(base, { ...base, properties: { ...bad, fine: 'v', '__proto__.x': 'v' } })
    expect(found.Parameters).toMatchObject({
      table_type: 'delta',
      'spark.sql.sources.provider': 'delta',
      fine: 'v',
      '__proto__.x': 'v',
    })
    expect(Object.keys(found.Parameters ?? {})).not.toEqual(expect.arrayContaining(['path']))
    expect(JSON.parse(found.Parameters?.['landfall.properties'] ?? '')).toEqual(['__proto__.x', 'fine'])
  })

  test.each([
    ['bad-column-name', [field('n'.repeat(256), 'long')]],
    ['bad-column-name', [field('two\nlines', 'long')]],
    ['bad-column-name', [field('', 'long')]],
    ['duplicate-column', [field('A', 'long'), field('a', 'long')]],
    ['unknown-type', [field('a', 'hyperlong')]],
  ])('or refused where that is not possible: %s', async (code, fields) => {
    await expect(keep(glueTwin(), metadata(fields), 0)).rejects.toMatchObject({ name: 'Refused', code })
  })
})
