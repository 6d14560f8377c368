import { describe, expect, test } from '@jest/globals'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { avroFile, filesWorld } from './given.ts'

const serde = (world: ReturnType<typeof filesWorld>) => world.record()?.StorageDescriptor?.SerdeInfo

function parquet(columns: Readonly<Record<string, readonly unknown[]>>): Uint8Array {
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data: [...data],
    type:
      typeof data[0] === 'bigint'
        ? ('INT64' as const)
        : typeof data[0] === 'string'
          ? ('STRING' as const)
          : ('INT32' as const),
  }))
  return new Uint8Array(parquetWriteBuffer({ columnData }))
}

const avro = (...fields: readonly object[]) => avroFile({ type: 'record', name: 'R', fields })

describe('CSV without quotes', () => {
  test('has types, a delimiter and a header that is skipped', async () => {
    const world = filesWorld({ format: 'csv' })
    await world.land({ put: { 'dt=1/a.csv': 'id;name\n1;x\n' } })
    await world.wake()
    expect(serde(world)).toEqual({
      SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
      Parameters: { 'field.delim': ';', 'serialization.format': ';' },
    })
    expect(world.record()?.Parameters).toMatchObject({
      classification: 'csv',
      'skip.header.line.count': '1',
      delimiter: ';',
      areColumnsQuoted: 'false',
      columnsOrdered: 'true',
    })
    expect(world.columns()).toEqual(['id bigint', 'name string'])
  })

  test('becomes text once a file has quotes, with all its partitions, and keeps nothing of the other SerDe', async () => {
    const world = filesWorld({ format: 'csv' })
    await world.land({ put: { 'dt=1/a.csv': 'id,name\n1,x\n' } })
    await world.wake()
    await world.land({ put: { 'dt=2/a.csv': 'id,name\n"1","x,y"\n' } })
    await world.wake()
    expect(world.columns()).toEqual(['id string', 'name string'])
    expect(serde(world)).toEqual({
      SerializationLibrary: 'org.apache.hadoop.hive.serde2.OpenCSVSerde',
      Parameters: { separatorChar: ',', quoteChar: '"', escapeChar: '\\', 'serialization.format': '1' },
    })
    for (const part of world.glue.partitionsOf('bronze', 'uploads').values())
      expect(part.StorageDescriptor.SerdeInfo).toEqual(serde(world))
    await world.land({ put: { 'dt=3/a.csv': 'id,name\n1,x\n' } })
    await world.wake()
    expect(world.columns()).toEqual(['id string', 'name string'])
    expect(world.refusals()).toEqual([])
  })

  test('accepts new columns at the end, whichever file comes first', async () => {
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const world = filesWorld({ format: 'csv' })
      const content: Record<string, string> = { a: 'id\n1\n', b: 'id,name\n1,x\n' }
      for (const each of order) {
        await world.land({ put: { [`dt=1/${each}.csv`]: content[each] ?? '' } })
        await world.wake()
      }
      expect(world.columns()).toEqual(['id bigint', 'name string'])
    }
  })

  test.each([
    ['columns in another order', 'name,id\nx,1\n', 'column 1 is `name`, expected `id`'],
    ['a column in the middle', 'id,more,name\n1,2,x\n', 'column 2 is `more`, expected `name`'],
    ['another delimiter', 'id;name\n1;x\n', 'the delimiter is ";", expected ","'],
  ])('refuses %s, which would be misread', async (_risk, content, reason) => {
    const world = filesWorld({ format: 'csv' })
    await world.land({ put: { 'dt=1/a.csv': 'id,name\n1,x\n' } })
    await world.wake()
    await world.land({ put: { 'dt=2/b.csv': content } })
    await world.wake()
    expect(world.refusals()).toEqual([expect.stringContaining(reason)])
    expect(world.columns()).toEqual(['id bigint', 'name string'])
  })

  test('with a partition column in the file is refused, since CSV is read by position', async () => {
    const world = filesWorld({ format: 'csv' })
    await world.land({ put: { 'dt=1/a.csv': 'id,dt\n1,2\n' } })
    expect((await world.wake()).reacted).toMatchObject({
      kind: 'refused',
      refusal: { code: 'partition-column-in-file' },
    })
  })
})

describe('Parquet', () => {
  test('has its own formats, and takes a partition column from the folder', async () => {
    const world = filesWorld({ format: 'parquet' })
    await world.land({ put: { 'dt=1/a.parquet': parquet({ id: [1n], DT: ['1'] }) } })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint'])
    expect(world.record()?.StorageDescriptor).toMatchObject({
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    })
  })

  test('is widened as far as its readers can, and a file beyond that is refused alone', async () => {
    const world = filesWorld({ format: 'parquet' })
    await world.land({ put: { 'dt=1/a.parquet': parquet({ id: [1] }) } })
    await world.wake()
    await world.land({ put: { 'dt=2/a.parquet': parquet({ id: [1n], more: ['x'] }) } })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint', 'more string'])
    await world.land({ put: { 'dt=3/a.parquet': parquet({ id: ['x'] }) } })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint', 'more string'])
    expect(world.refusals()).toEqual([expect.stringContaining('column `id` is string, expected bigint')])
  })

  test('of a file without its end is refused by name, and its partition is registered all the same', async () => {
    const world = filesWorld({ format: 'parquet' })
    const whole = parquet({ id: [1n] })
    await world.land({ put: { 'dt=1/a.parquet': whole, 'dt=2/cut.parquet': whole.slice(0, -9) } })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint'])
    expect(world.refusals()).toEqual([expect.stringContaining('dt=2/cut.parquet: not a valid Parquet file')])
  })
})

describe('Avro', () => {
  const literal = (world: ReturnType<typeof filesWorld>) =>
    JSON.parse(serde(world)?.Parameters?.['avro.schema.literal'] ?? '') as { fields: { name: string; type: unknown }[] }

  test('is read with a schema of all columns, each at its widest', async () => {
    const world = filesWorld({ format: 'avro' })
    const id = (type: string) => ({ name: 'id', type })
    const state = { name: 'state', type: { type: 'enum', name: 'State', symbols: ['A'] } }
    await world.land({ put: { 'dt=1/a.avro': avro(id('int'), state) } })
    await world.wake()
    await world.land({ put: { 'dt=2/a.avro': avro(id('long'), { name: 'new', type: 'boolean' }) } })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint', 'state string', 'new boolean'])
    expect(literal(world).fields).toEqual([
      { name: 'id', type: ['null', 'long'], default: null },
      { name: 'state', type: ['null', state.type], default: null },
      { name: 'new', type: ['null', 'boolean'], default: null },
    ])
    await world.land({ put: { 'dt=3/a.avro': avro(id('int')) } })
    expect((await world.wake()).glue).toEqual(['GetTable', 'BatchCreatePartition'])
  })
})

test('An Avro file whose schema is longer than Glue allows does not affect the others', async () => {
  const file = (name: string, doc: string) =>
    avroFile({ type: 'record', name: 'r', fields: [{ name, type: 'long', doc }] })
  const world = filesWorld({ format: 'avro' })
  await world.land({ put: { 'dt=1/a': file('id', 'x'), 'dt=2/b': file('more', 'x'.repeat(600_000)) } })
  await world.wake()
  expect(world.columns()).toEqual(['id bigint'])
  expect(world.refusals()).toEqual([expect.stringMatching(/^schema-too-long: dt=2\/b: /)])
  await world.land({ put: { 'dt=3/c': file('more', 'x'.repeat(600_000)), 'dt=3/d': file('other', '') } })
  await world.wake()
  expect(world.columns()).toEqual(['id bigint', 'other bigint'])
})

describe('A record', () => {
  test('keeps the case of the columns for Spark, and names the partition columns', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': '{"userId":1}\n' } })
    await world.wake()
    const parameters = world.record()?.Parameters ?? {}
    expect(JSON.parse(parameters['spark.sql.sources.schema.part.0'] ?? '')).toMatchObject({
      fields: [
        { name: 'userId', type: 'long' },
        { name: 'dt', type: 'string' },
      ],
    })
    expect(parameters).toMatchObject({
      'spark.sql.sources.schema.numPartCols': '1',
      'spark.sql.sources.schema.partCol.0': 'dt',
    })
  })

  test('of a table that was Delta or another format before keeps nothing misleading of it', async () => {
    const world = filesWorld()
    await world.glue.createDatabase('bronze', '')
    await world.glue.createTable('bronze', {
      Name: 'uploads',
      Parameters: {
        table_type: 'delta',
        'spark.sql.sources.provider': 'delta',
        'delta.lastUpdateVersion': '9',
        'landfall.tableId': 'x',
        team: 'a',
      },
      StorageDescriptor: {
        Location: 's3://raw/uploads/',
        SerdeInfo: { SerializationLibrary: 'x', Parameters: { path: 'p' } },
      },
    })
    await world.land({ put: { 'dt=1/a.json': '{"id":1}\n' } })
    await world.wake()
    const parameters = world.record()?.Parameters ?? {}
    expect(parameters).toMatchObject({ team: 'a', classification: 'json' })
    for (const gone of ['table_type', 'spark.sql.sources.provider', 'delta.lastUpdateVersion'])
      expect(parameters).not.toHaveProperty([gone])
    expect(serde(world)?.Parameters).toEqual({ 'serialization.format': '1' })
  })
})
