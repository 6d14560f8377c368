import { describe, expect, test } from '@jest/globals'
import type { FileFormat } from '../../../src/lake/lake.ts'
import { filesWorld } from './given.ts'

const row = '{"id":1}\n'

describe('A change of a table of files', () => {
  test('creates its database, its record and a partition for each folder', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=2026-01-01/a.json': row, 'dt=2026-01-02/a.json': '{"id":1,"name":"x"}\n' } })
    const { reacted, glue } = await world.wake({ version: 0 })
    expect(reacted).toMatchObject({ kind: 'done', cursor: { version: 0, committed: 1_700_000_000_000 } })
    expect(glue).toEqual(['GetTable', 'GetDatabase', 'CreateDatabase', 'CreateTable', 'BatchCreatePartition'])
    expect(world.columns()?.toSorted()).toEqual(['id bigint', 'name string'])
    expect(world.partitions()).toEqual(['2026-01-01 dt=2026-01-01/', '2026-01-02 dt=2026-01-02/'])
  })

  test('is written as Athena and crawlers would write it', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=2026-01-01/a.json': row } })
    await world.wake()
    expect(world.record()).toMatchObject({
      TableType: 'EXTERNAL_TABLE',
      PartitionKeys: [{ Name: 'dt', Type: 'string' }],
      Parameters: {
        EXTERNAL: 'TRUE',
        classification: 'json',
        typeOfData: 'file',
        compressionType: 'none',
        'landfall.version': '0',
        'landfall.committed': '1700000000000',
      },
      StorageDescriptor: {
        Columns: [{ Name: 'id', Type: 'bigint' }],
        Location: 's3://raw/uploads/',
        InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
        OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
      },
    })
    const [partition] = world.glue.partitionsOf('bronze', 'uploads').values()
    expect(partition?.StorageDescriptor).toEqual({
      ...world.record()?.StorageDescriptor,
      Location: 's3://raw/uploads/dt=2026-01-01/',
    })
  })

  test('of 10,000 files in 1,000 partitions costs ten calls for the partitions, and reads five files', async () => {
    const world = filesWorld()
    for (let part = 0; part < 102; part++) {
      const all = Array.from({ length: Math.min(99, 10_000 - part * 99) }, (_, i) => part * 99 + i)
      await world.land({ put: Object.fromEntries(all.map((i) => [`dt=${i % 1000}/${i}.json`, row])) })
    }
    const { glue, reads } = await world.wake({ version: 101 })
    const partitionCalls = glue.filter((call) => call.includes('Partition'))
    expect(partitionCalls).toEqual(Array.from({ length: 10 }, () => 'BatchCreatePartition'))
    expect(world.partitions()).toHaveLength(1000)
    expect(reads).toBe(5)
  })

  test('that is repeated finds nothing to do', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake({ version: 0 })
    expect(await world.wake({ version: 0 })).toMatchObject({ reacted: { kind: 'idle' }, glue: [], reads: 0 })
  })

  test('that adds files to known partitions does not change the record', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake()
    await world.land({ put: { 'dt=1/b.json': row } })
    expect((await world.wake()).glue).toEqual(['GetTable', 'BatchCreatePartition'])
    expect(world.record()?.Parameters?.['landfall.version']).toBe('0')
  })

  test('that removes a partition’s last file removes the partition, and one that leaves a file does not', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row, 'dt=1/b.json': row, 'dt=10/a.json': row } })
    await world.wake()
    await world.land({ remove: ['dt=1/a.json'] })
    expect((await world.wake()).glue).toEqual(['GetTable'])
    await world.land({ remove: ['dt=1/b.json'] })
    expect((await world.wake()).glue).toEqual(['GetTable', 'BatchDeletePartition'])
    expect(world.partitions()).toEqual(['10 dt=10/'])
  })

  test('that removes 60 partitions does so 25 at a time', async () => {
    const world = filesWorld()
    const paths = Array.from({ length: 60 }, (_, i) => `dt=${i}/a.json`)
    await world.land({ put: { ...Object.fromEntries(paths.map((path) => [path, row])), 'dt=x/a.json': row } })
    await world.wake()
    await world.land({ remove: paths })
    const deletes = (await world.wake()).glue.filter((call) => call === 'BatchDeletePartition')
    expect(deletes).toHaveLength(3)
    expect(world.partitions()).toEqual(['x dt=x/'])
  })

  test('that overwrites a file keeps its partition, and adds the file’s new columns', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake()
    await world.land({ put: { 'dt=1/a.json': '{"id":1,"more":true}\n' } })
    await world.wake()
    expect(world.partitions()).toEqual(['1 dt=1/'])
    expect(world.columns()).toEqual(['id bigint', 'more boolean'])
  })

  test('of a table without partitions registers none', async () => {
    const world = filesWorld({ partitions: [] })
    await world.land({ put: { 'a.json': row, 'deep/er/b.json': row } })
    expect((await world.wake()).glue).toEqual(['GetTable', 'GetDatabase', 'CreateDatabase', 'CreateTable'])
    expect(world.record()).toMatchObject({ PartitionKeys: [] })
  })

  test('that changes the columns updates every partition', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row, 'dt=2/a.json': row } })
    await world.wake()
    await world.land({ put: { 'dt=3/a.json': '{"id":2.5}\n' } })
    expect((await world.wake()).glue).toEqual([
      'GetTable',
      'GetPartitions',
      'BatchCreatePartition',
      'BatchUpdatePartition',
      'UpdateTable',
    ])
    for (const each of world.glue.partitionsOf('bronze', 'uploads').values())
      expect(each.StorageDescriptor.Columns).toEqual([{ Name: 'id', Type: 'double' }])
  })

  test('whose values are percent-encoded or null is registered with decoded values and the raw location', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=a%2Fb c/a.json': row, 'dt=__HIVE_DEFAULT_PARTITION__/a.json': row } })
    await world.wake()
    expect(world.partitions()).toEqual([
      '__HIVE_DEFAULT_PARTITION__ dt=__HIVE_DEFAULT_PARTITION__/',
      'a/b c dt=a%2Fb c/',
    ])
  })

  test('without any readable file is recorded once there is one', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': 'nonsense' } })
    expect((await world.wake()).reacted).toMatchObject({
      kind: 'refused',
      refusal: { code: 'files-unreadable', reason: expect.stringContaining('dt=1/a.json: line 1 is not JSON') },
    })
    await world.land({ put: { 'dt=2/a.json': row } })
    await world.wake()
    expect(world.partitions()).toEqual(['1 dt=1/', '2 dt=2/'])
  })

  test('that removed all files before it was observed creates nothing', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.land({ remove: ['dt=1/a.json'] })
    expect(await world.wake()).toMatchObject({ reacted: { kind: 'done', actions: 0, cursor: { version: 1 } } })
    expect(world.record()).toBeUndefined()
  })
})

describe('A bad file', () => {
  test('is refused by name, counted and shown, and does not affect the others', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake()
    await world.land({ put: { 'dt=2/a.json': '{"more":1}\n', 'dt=3/bad.json': '{"id":', 'dt=4/empty.json': ' ' } })
    const { reacted } = await world.wake()
    expect(reacted).toMatchObject({ kind: 'done', cursor: { version: 1 } })
    expect(world.columns()).toEqual(['id bigint', 'more bigint'])
    expect(world.partitions()).toHaveLength(4)
    expect(world.refusals().toSorted()).toEqual([
      expect.stringMatching(/^files-unreadable: dt=3\/bad.json: line 1 is not JSON/),
      'files-unreadable: dt=4/empty.json: the file has no records',
    ])
    expect(await world.shell.ledger.rejections()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          source: 'catalog-files',
          about: 'table/uploads',
          sample: 'dt=4/empty.json',
          count: 2,
        }),
      ]),
    )
  })

  const wide = `{${Array.from({ length: 30_000 }, (_, at) => `"c${at}":1`).join(',')}}`
  test.each<[string, FileFormat, string, string]>([
    ['bad-column-name', 'json', `{"${'n'.repeat(256)}":1}`, row],
    ['type-too-long', 'json', `{"x":${wide}}`, row],
    ['bad-column-name', 'csv', `id,${'n'.repeat(256)}\n1,2\n`, 'id\n1\n'],
    ['partition-column-in-file', 'csv', 'id,dt\n1,2\n', 'id\n1\n'],
  ])(
    'with columns that the catalog cannot hold (%s, %s) does not affect the others',
    async (code, format, bad, good) => {
      const world = filesWorld({ format })
      await world.land({ put: { 'dt=1/bad': bad, 'dt=2/good': good, 'dt=3/bad': bad } })
      await world.wake()
      expect(world.columns()).toEqual(['id bigint'])
      await world.land({ put: { 'dt=4/bad': bad, 'dt=5/good': good } })
      await world.wake()
      expect(world.columns()).toEqual(['id bigint'])
      expect(world.partitions()).toHaveLength(5)
      expect(world.refusals().map((each) => each.split(': ', 1)[0])).toEqual([code, code])
    },
  )

  test('that is in no partition is refused, and does not affect the others', async () => {
    const world = filesWorld({ partitions: ['dt', 'hour'], partitionTypes: { dt: 'date', hour: 'int' } })
    await world.land({
      put: {
        'dt=2026-01-01/hour=5/a.json': row,
        'a.json': '{"not":"taken"}',
        'dt=2026-01-01/a.json': row,
        'dt=2026-02-30/hour=5/a.json': row,
        'dt=2026-01-01/hour=x/a.json': row,
        'hour=5/dt=2026-01-01/a.json': row,
      },
    })
    await world.wake()
    expect(world.columns()).toEqual(['id bigint'])
    expect(world.partitions()).toEqual(['2026-01-01/5 dt=2026-01-01/hour=5/'])
    expect(world.record()).toMatchObject({
      PartitionKeys: [
        { Name: 'dt', Type: 'date' },
        { Name: 'hour', Type: 'int' },
      ],
    })
    expect(world.refusals()).toHaveLength(5)
    expect(world.refusals().every((each) => each.startsWith('partition-misfit: '))).toBe(true)
  })

  test('is reported once with a count when a thousand have the same fault', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.land({ put: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i}.json`, row])) })
    await world.wake()
    expect(world.refusals()).toEqual([expect.stringContaining('(and 89 more)')])
  })

  test('that was deleted before it is read is ignored', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row, 'dt=1/b.json': row } })
    world.store.objects.delete('dt=1/b.json')
    await world.wake()
    expect(world.refusals()).toEqual([])
    expect(world.columns()).toEqual(['id bigint'])
  })

  test('is not the same as one that cannot be fetched now, which is retried', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/a.json': row } })
    world.store.onCall = () => {
      throw new Error('slow down')
    }
    await expect(world.wake()).rejects.toThrow('slow down')
    world.store.onCall = () => {}
    await world.wake()
    expect(world.columns()).toEqual(['id bigint'])
  })

  test('with a partition value that Glue cannot hold is refused with the reason', async () => {
    const world = filesWorld()
    await world.land({ put: { [`dt=${'x'.repeat(1025)}/a.json`]: row, 'dt=1/a.json': row } })
    await world.wake()
    expect(world.partitions()).toEqual(['1 dt=1/'])
    expect(world.refusals()).toEqual([expect.stringContaining('longer than 1024 characters')])
  })

  test.each(['\0', '%00', 'a\u001f', '\u007f', 'a\uFFFE', '\uFFFF', '\ud800'])(
    'in a folder dt=%j is refused with the reason, and stops no other partition',
    async (value) => {
      const world = filesWorld()
      await world.land({ put: { [`dt=${value}/a.json`]: row, 'dt=1/a.json': row, 'dt=\u{1F600}/a.json': row } })
      await world.wake()
      expect(world.partitions()).toEqual(['1 dt=1/', '\u{1F600} dt=\u{1F600}/'])
      expect(world.refusals()).toEqual([expect.stringMatching(/^partition-misfit: .*characters/)])
    },
  )

  test('has rows all the same if only its own name has odd characters', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=1/\0\u001b\uFFFF%00.json': row } })
    await world.wake()
    expect([world.columns(), world.partitions(), world.refusals()]).toEqual([['id bigint'], ['1 dt=1/'], []])
  })
})

describe('Two folders with the same partition values', () => {
  test('are one partition at the first folder, and the other is refused', async () => {
    const world = filesWorld()
    await world.land({ put: { 'dt=a/1.json': row, 'dt=%61/1.json': row } })
    await world.wake()
    expect(world.partitions()).toEqual(['a dt=%61/'])
    expect(world.refusals()).toEqual([expect.stringMatching(/^partition-misfit: .*another folder/)])
  })
})

describe('With a pattern', () => {
  test('folders that are not Hive’s are partitions too', async () => {
    const world = filesWorld({
      partitions: ['y', 'm', 'h'],
      partitionPattern: 'data/{y}-{m}/h{h}',
      partitionTypes: { h: 'int' },
    })
    await world.land({
      put: { 'data/2026-11/h07/x/a.json': row, 'data/2026/h07/a.json': row, 'other/2026-11/h07/a.json': row },
    })
    await world.wake()
    expect(world.partitions()).toEqual(['2026/11/07 data/2026-11/h07/'])
    expect(world.refusals()).toHaveLength(2)
    await world.land({ remove: ['data/2026-11/h07/x/a.json'] })
    await world.wake()
    expect(world.partitions()).toEqual([])
  })
})

describe('With projection', () => {
  test('the record has the projection, and no partition is registered', async () => {
    const world = filesWorld({
      partitionPattern: '{dt}',
      catalog: {
        projection: { dt: { type: 'date', range: '2020-01-01,NOW', format: 'yyyy-MM-dd', interval: 1, unit: 'DAYS' } },
      },
    })
    await world.land({ put: { '2026-01-01/a.json': row } })
    expect((await world.wake()).glue).toEqual(['GetTable', 'GetDatabase', 'CreateDatabase', 'CreateTable'])
    expect(world.record()?.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.range': '2020-01-01,NOW',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.interval': '1',
      'projection.dt.interval.unit': 'DAYS',
      'storage.location.template': 's3://raw/uploads/${dt}/',
    })
    await world.land({ remove: ['2026-01-01/a.json'], put: { '2026-01-02/a.json': row } })
    expect((await world.wake()).glue).toEqual(['GetTable'])
  })

  test('that is removed, the parameters go, and the sweep registers the partitions', async () => {
    const world = filesWorld({ catalog: { projection: { dt: { type: 'injected' } } } })
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake()
    const { projection: _ended, ...catalog } = world.table.catalog ?? { database: '', table: '' }
    world.settings = { ...world.table, catalog }
    await world.wake({ full: true })
    expect(Object.keys(world.record()?.Parameters ?? {}).filter((key) => key.startsWith('projection'))).toEqual([])
    expect(world.partitions()).toEqual(['1 dt=1/'])
  })
})

describe('Drift', () => {
  const first = { put: { 'dt=1/a.json': '{"id":1,"n":1}\n' } }
  const other = { put: { 'dt=2/a.json': '{"id":"x","new":true}\n' } }

  test('evolve widens, adds and never drops', async () => {
    const world = filesWorld()
    await world.land(first)
    await world.wake()
    await world.land(other)
    await world.wake()
    expect(world.columns()).toEqual(['id string', 'n bigint', 'new boolean'])
    expect(world.refusals()).toEqual([])
  })

  test('strict refuses the file with its name, column, and what was found and expected; its partition is registered all the same', async () => {
    const world = filesWorld({ catalog: { drift: 'strict' } })
    await world.land(first)
    await world.wake()
    await world.land(other)
    await world.wake()
    expect(world.columns()).toEqual(['id bigint', 'n bigint'])
    expect(world.refusals()).toEqual([
      'schema-drift: dt=2/a.json: schema mismatch: column `id` is string, expected bigint',
    ])
    expect(world.partitions()).toHaveLength(2)
    await world.land({ put: { 'dt=3/a.json': '{"id":3}\n' } })
    await world.wake()
    expect(world.refusals()).toHaveLength(1)
  })

  test('rescue keeps the columns, and notes what differs, once for each version', async () => {
    const world = filesWorld({ catalog: { drift: 'rescue' } })
    await world.land(first)
    await world.wake()
    await world.land(other)
    await world.wake()
    expect(world.columns()).toEqual(['id bigint', 'n bigint'])
    const rescued = () => JSON.parse(world.record()?.Parameters?.['landfall.rescued'] ?? '') as unknown
    const once = { columns: { id: 'string (here bigint)', new: 'boolean' }, files: 1 }
    expect(rescued()).toEqual(once)
    // A crash before the cursor was saved: the same version again.
    const cursor = await world.shell.ledger.cursor({ subject: 'table/uploads', reaction: 'catalog' })
    await world.shell.ledger.save({ ...cursor, version: 0 })
    await world.wake()
    expect(rescued()).toEqual(once)
    await world.land({ put: { 'dt=3/a.json': '{"more":1}\n' } })
    await world.wake()
    expect(rescued()).toEqual({ columns: { ...once.columns, more: 'bigint' }, files: 2 })
  })
})
