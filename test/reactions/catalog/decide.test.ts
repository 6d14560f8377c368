import { describe, expect, test } from '@jest/globals'
import { decide } from '../../../src/reactions/catalog/decide.ts'
import type { TableInput } from '../../../src/glue/ports.ts'
import type { TableMetadata } from '../../../src/tables/change.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { EPOCH, field, flights, keep, metadata, untouched } from './given.ts'

const id = field('id', 'long')
const base = metadata([id, field('origin', 'string')])

/** The record of `after`, where the catalog held that of `before`, edited by somebody. */
async function follow(
  before: TableMetadata,
  after: TableMetadata,
  edit?: (found: TableInput) => TableInput,
): Promise<TableInput> {
  const glue = glueTwin()
  await keep(glue, before, 3)
  if (edit) glue.edit('silver', 'flights', edit)
  await keep(glue, after, 4)
  return glue.definition('silver', 'flights') as TableInput
}

const columns = (found: TableInput) => found.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name} ${Type}`)

const comment = (found: TableInput) => found.StorageDescriptor?.Columns?.[0]?.Comment

const others: (found: TableInput) => TableInput = (found) => ({
  ...found,
  Owner: 'hadoop',
  Retention: 30,
  LastAnalyzedTime: '2026-01-01T00:00:00.000Z',
  Parameters: {
    ...found.Parameters,
    numRows: '3',
    totalSize: '9',
    'spark.sql.statistics.numRows': '3',
    classification: 'delta',
    team: 'a',
  },
  StorageDescriptor: {
    ...found.StorageDescriptor,
    Compressed: false,
    NumberOfBuckets: -1,
    BucketColumns: ['id'],
    Parameters: { crawler: 'x' },
    AdditionalLocations: ['s3://b/'],
    SerdeInfo: {
      ...found.StorageDescriptor?.SerdeInfo,
      Name: 'n',
      Parameters: { ...found.StorageDescriptor?.SerdeInfo?.Parameters, mergeSchema: 'true' },
    },
    Columns: found.StorageDescriptor?.Columns?.map((column) => ({
      ...column,
      Comment: `by hand`,
      Parameters: { tag: column.Name },
    })),
  },
})

const storage = (more: object) => (found: TableInput) => ({
  ...found,
  StorageDescriptor: { ...found.StorageDescriptor, ...more },
})

const parameter = (more: Record<string, string>) => (found: TableInput) => ({
  ...found,
  Parameters: { ...found.Parameters, ...more },
})

const foreign = (more: Partial<TableInput>): TableInput => ({
  Name: 'flights',
  TableType: 'EXTERNAL_TABLE',
  Parameters: { table_type: 'DELTA' },
  StorageDescriptor: {
    Location: 's3://flights-lake/silver/flights',
    Columns: [{ Name: 'col', Type: 'array<string>' }],
  },
  ...more,
})

const team = async (before: TableMetadata, after: TableMetadata) => (await follow(before, after)).Parameters?.['team']

describe('A table that the catalog does not have', () => {
  test('is created with the record that Athena writes itself, its database first', () => {
    const decision = decide(
      { version: 7, committed: EPOCH, table: flights, metadata: base, found: { kind: 'no-database' } },
      untouched,
    )
    const schema =
      '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}},{"name":"origin","type":"string","nullable":true,"metadata":{}}]}'
    expect(decision.actions).toEqual([
      { kind: 'create-database', database: 'silver' },
      {
        kind: 'create-table',
        database: 'silver',
        definition: {
          Name: 'flights',
          TableType: 'EXTERNAL_TABLE',
          Parameters: {
            EXTERNAL: 'TRUE',
            table_type: 'delta',
            'spark.sql.sources.provider': 'delta',
            'spark.sql.partitionProvider': 'catalog',
            'spark.sql.sources.schema.numParts': '1',
            'spark.sql.sources.schema.part.0': schema,
            'delta.lastUpdateVersion': '7',
            'delta.lastCommitTimestamp': '1700000000000',
            'landfall.tableId': 'id-1',
          },
          PartitionKeys: [],
          StorageDescriptor: {
            Columns: [
              { Name: 'id', Type: 'bigint' },
              { Name: 'origin', Type: 'string' },
            ],
            Location: 's3://flights-lake/silver/flights/',
            InputFormat: 'org.apache.hadoop.mapred.SequenceFileInputFormat',
            OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat',
            SerdeInfo: {
              SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
              Parameters: { path: 's3://flights-lake/silver/flights/', 'serialization.format': '1' },
            },
          },
        },
      },
    ])
  })

  test('does not make its database again, nor touch it', async () => {
    const glue = glueTwin()
    await glue.createDatabase('silver', 'mine')
    await keep(glue, base, 0)
    expect(glue.calls.slice(1)).toEqual(['GetTable', 'GetDatabase', 'CreateTable'])
    expect(glue.databases.get('silver')).toBe('mine')
  })
})

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
    [
      'partition columns, as columns like others',
      { ...base, partitionColumns: ['origin'] },
      ['id bigint', 'origin string'],
    ],
    ['a name with capitals, which Hive has not', metadata([field('flightId', 'long')]), ['flightid bigint']],
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

  test('a schema that grows past and shrinks below what Spark puts in one part', async () => {
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

  test('the place of the table, when lake.yml moves it', async () => {
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

describe('What Glue could not hold is fitted in', () => {
  test('a long comment of several lines is one line of 255 bytes, whole characters', async () => {
    const found = await follow(base, metadata([field('id', 'long', { comment: `two\nlines ${'é'.repeat(300)}` })]))
    expect(found.StorageDescriptor?.Columns?.[0]?.Comment).toBe(`two lines ${'é'.repeat(122)}`)
  })

  test('a long description is cut, and whole for Spark', async () => {
    const found = await follow(base, { ...base, description: 'd'.repeat(3000) })
    expect([found.Description?.length, found.Parameters?.['comment']?.length]).toEqual([2048, 3000])
  })

  test('a property that Glue cannot name, or that would pass for something else, is left out', async () => {
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
  ])('or refused where it cannot be: %s', async (code, fields) => {
    await expect(keep(glueTwin(), metadata(fields), 0)).rejects.toMatchObject({ name: 'Refused', code })
  })
})

describe('What others put on the table stays', () => {
  test('parameters, statistics, owner, retention, storage fields, column parameters, and comments where Delta has none', async () => {
    const found = await follow(
      base,
      metadata([field('id', 'long', { comment: 'ours' }), ...base.schema.fields.slice(1), field('x', 'date')]),
      others,
    )
    expect(found).toMatchObject({
      Owner: 'hadoop',
      Retention: 30,
      LastAnalyzedTime: '2026-01-01T00:00:00.000Z',
      Parameters: {
        numRows: '3',
        totalSize: '9',
        'spark.sql.statistics.numRows': '3',
        classification: 'delta',
        team: 'a',
      },
      StorageDescriptor: {
        Compressed: false,
        NumberOfBuckets: -1,
        BucketColumns: ['id'],
        Parameters: { crawler: 'x' },
        AdditionalLocations: ['s3://b/'],
        SerdeInfo: { Name: 'n', Parameters: { mergeSchema: 'true' } },
        Columns: [
          { Name: 'id', Type: 'bigint', Comment: 'ours', Parameters: { tag: 'id' } },
          { Name: 'origin', Type: 'string', Comment: 'by hand', Parameters: { tag: 'origin' } },
          { Name: 'x', Type: 'date' },
        ],
      },
    })
  })

  test('comments on partition keys, of a record that a crawler made', async () => {
    const glue = glueTwin()
    await glue.createDatabase('silver', '')
    const PartitionKeys = [{ Name: 'origin', Type: 'string', Comment: 'by hand' }]
    await glue.createTable('silver', foreign({ PartitionKeys }))
    await keep(glue, { ...base, partitionColumns: ['origin'] }, 0)
    expect(glue.definition('silver', 'flights')).toMatchObject({
      PartitionKeys: [],
      StorageDescriptor: { Columns: [{ Name: 'id' }, { Name: 'origin', Type: 'string', Comment: 'by hand' }] },
    })
  })

  test('a description by hand, while Delta has none', async () => {
    const found = await follow(base, metadata([id]), (was) => ({ ...was, Description: 'by hand' }))
    expect(found.Description).toBe('by hand')
  })

  test('no update for them alone', async () => {
    const glue = glueTwin()
    await keep(glue, base, 3)
    glue.edit('silver', 'flights', others)
    expect((await keep(glue, base, 9)).actions).toEqual([])
  })
})

describe('What is Landfall’s own is repaired', () => {
  test.each<[string, (found: TableInput) => TableInput]>([
    ['columns', storage({ Columns: [] })],
    ['location', storage({ Location: 's3://elsewhere/' })],
    ['formats', storage({ InputFormat: 'x' })],
    ['path', storage({ SerdeInfo: { Parameters: {} } })],
    ['a schema from a registry', storage({ SchemaReference: { SchemaVersionId: 'x' } })],
    ['partition keys', (found) => ({ ...found, PartitionKeys: [{ Name: 'p', Type: 'string' }] })],
    ['table type', (found) => ({ ...found, TableType: 'MANAGED_TABLE' })],
    ['the markers', parameter({ table_type: 'parquet', 'spark.sql.sources.provider': 'parquet' })],
    ['a partition column for Spark', parameter({ 'spark.sql.sources.schema.numPartCols': '1' })],
    ['a schema that is no JSON', parameter({ 'spark.sql.sources.schema.part.0': '{' })],
    ['the list of its properties', parameter({ 'landfall.properties': 'nonsense' })],
    ['the stamp', parameter({ 'delta.lastUpdateVersion': 'x' })],
    ['a property', parameter({ team: 'b' })],
    ['all parameters', (found) => ({ ...found, Parameters: { 'landfall.tableId': 'id-1' } })],
  ])('%s', async (_what, edit) => {
    const glue = glueTwin()
    const table = { ...base, properties: { team: 'a' } }
    await keep(glue, table, 3)
    const before = glue.definition('silver', 'flights')
    glue.edit('silver', 'flights', edit)
    expect((await keep(glue, table, 3)).actions).toHaveLength(1)
    expect(glue.definition('silver', 'flights')).toEqual(before)
  })
})

describe('The record never moves backwards', () => {
  const newer = metadata([id])

  test('an older version leaves it, and remembers nothing of what it did not write', async () => {
    const glue = glueTwin()
    await keep(glue, newer, 5)
    const before = glue.definition('silver', 'flights')
    expect(await keep(glue, base, 4)).toEqual({ actions: [] })
    expect(glue.definition('silver', 'flights')).toEqual(before)
  })

  test('so that the older schema, come back later, is written then', async () => {
    const glue = glueTwin()
    await keep(glue, newer, 5)
    const { state } = await keep(glue, base, 4)
    const cursor = { ...untouched, version: 4, revision: 1, ...(state === undefined ? {} : { state }) }
    expect((await keep(glue, base, 6, { cursor })).actions).toHaveLength(1)
  })

  test('an older table at the same place does not overwrite the one that was made anew, whatever its version', async () => {
    const glue = glueTwin()
    await keep(glue, { ...newer, id: 'id-2' }, 0, { committed: EPOCH + 1000 })
    expect((await keep(glue, base, 57)).actions).toEqual([])
  })

  test('a table made anew at the same place begins again at version 0', async () => {
    const glue = glueTwin()
    await keep(glue, base, 57)
    expect((await keep(glue, { ...newer, id: 'id-2' }, 0, { committed: EPOCH + 1000 })).actions).toHaveLength(1)
    expect(columns(glue.definition('silver', 'flights') as TableInput)).toEqual(['id bigint'])
  })

  test('a race that somebody else won changes nothing', async () => {
    const glue = glueTwin()
    await keep(glue, base, 3)
    const found = await glue.find('silver', 'flights')
    const { actions } = decide({ version: 4, committed: EPOCH, table: flights, metadata: newer, found }, untouched)
    glue.edit('silver', 'flights', (was) => ({ ...was, Owner: 'them' }))
    const [update] = actions
    if (update?.kind !== 'update-table') throw new Error('expected an update')
    expect(await glue.updateTable(update.database, update.definition, update.versionId)).toBe('conflict')
  })
})

describe('Another table’s name is not taken', () => {
  test.each<[string, Partial<TableInput>]>([
    ['elsewhere', { StorageDescriptor: { Location: 's3://flights-lake/silver/flights_2' } }],
    [
      'a symlink table of the same data',
      { StorageDescriptor: { Location: 's3://flights-lake/silver/flights/_symlink_format_manifest' } },
    ],
    ['an Iceberg table at the same place', { Parameters: { table_type: 'ICEBERG' } }],
    ['a view', { TableType: 'VIRTUAL_VIEW' }],
    ['without a place', { StorageDescriptor: {} }],
  ])('%s', async (_what, more) => {
    const glue = glueTwin()
    await glue.createDatabase('silver', '')
    await glue.createTable('silver', foreign(more))
    await expect(keep(glue, base, 0)).rejects.toMatchObject({
      code: 'name-taken',
      detail: { subject: 'silver.flights' },
    })
    expect(glue.calls).not.toContain('UpdateTable')
  })

  test.each<[string, Partial<TableInput>]>([
    ['as Athena or a crawler registers it', {}],
    ['as Spark does, with its own scheme', { StorageDescriptor: { Location: 's3a://flights-lake/silver/flights/' } }],
    ['as Trino does, with the provider alone', { Parameters: { 'spark.sql.sources.provider': 'DELTA' } }],
  ])('but a record of the same table is taken over: %s', async (_what, more) => {
    const glue = glueTwin()
    await glue.createDatabase('silver', '')
    await glue.createTable('silver', foreign(more))
    await keep(glue, base, 0)
    expect(columns(glue.definition('silver', 'flights') as TableInput)).toEqual(['id bigint', 'origin string'])
  })
})

describe('Nothing is done', () => {
  test.each([
    ['when no commit set the metadata', {}],
    ['when it was not looked at, because the state says the same', { metadata: base }],
  ])('%s, and the state stays', (_when, more) => {
    const cursor = { ...untouched, version: 3, state: 'm', revision: 1 }
    expect(decide({ version: 4, committed: EPOCH, table: flights, ...more }, cursor)).toEqual({
      actions: [],
      state: 'm',
    })
  })

  test('when the record is as it should be, whatever the version', async () => {
    const glue = glueTwin()
    const { state } = await keep(glue, base, 3)
    expect(await keep(glue, base, 8)).toEqual({ actions: [], state })
    expect(glue.definition('silver', 'flights')?.Parameters?.['delta.lastUpdateVersion']).toBe('3')
  })
})
