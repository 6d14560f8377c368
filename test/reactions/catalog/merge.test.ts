import { describe, expect, test } from '@jest/globals'
import type { TableInput } from '../../../src/glue/ports.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { base, field, follow, foreign, id, keep, metadata } from './given.ts'

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

describe('What others added to the record stays', () => {
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

describe('Landfall’s own fields are repaired', () => {
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
    ['a schema that is not JSON', parameter({ 'spark.sql.sources.schema.part.0': '{' })],
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
