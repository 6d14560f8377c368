import { describe, expect, test } from '@jest/globals'
import { decide } from '../../../src/reactions/catalog/decide.ts'
import type { TableInput } from '../../../src/glue/ports.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { base, columns, EPOCH, flights, foreign, id, keep, metadata, untouched } from './given.ts'

describe('A table that the catalog does not have', () => {
  test('is created with the record that Athena writes, and its database first', () => {
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

  test('does not create or change an existing database', async () => {
    const glue = glueTwin()
    await glue.createDatabase('silver', 'mine')
    await keep(glue, base, 0)
    expect(glue.calls.slice(1)).toEqual(['GetTable', 'GetDatabase', 'CreateTable'])
    expect(glue.databases.get('silver')).toBe('mine')
  })
})

describe('The record never moves backwards', () => {
  const newer = metadata([id])

  test('an older version does not change it, and keeps no state of what it did not write', async () => {
    const glue = glueTwin()
    await keep(glue, newer, 5)
    const before = glue.definition('silver', 'flights')
    expect(await keep(glue, base, 4)).toEqual({ actions: [] })
    expect(glue.definition('silver', 'flights')).toEqual(before)
  })

  test('so an older schema that returns later is written then', async () => {
    const glue = glueTwin()
    await keep(glue, newer, 5)
    const { state } = await keep(glue, base, 4)
    const cursor = { ...untouched, version: 4, revision: 1, ...(state === undefined ? {} : { state }) }
    expect((await keep(glue, base, 6, { cursor })).actions).toHaveLength(1)
  })

  test('an older table at the same location does not overwrite a recreated one, whatever its version', async () => {
    const glue = glueTwin()
    await keep(glue, { ...newer, id: 'id-2' }, 0, { committed: EPOCH + 1000 })
    expect((await keep(glue, base, 57)).actions).toEqual([])
  })

  test('a recreated table at the same location restarts at version 0', async () => {
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
    ['an Iceberg table at the same location', { Parameters: { table_type: 'ICEBERG' } }],
    ['a view', { TableType: 'VIRTUAL_VIEW' }],
    ['without a location', { StorageDescriptor: {} }],
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
    ['when the catalog was not read, because the state matches', { metadata: base }],
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
