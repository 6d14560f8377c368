import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { partitionOf } from '../../../src/tables/landing/partition.ts'
import { filesWorld } from './given.ts'

const row = '{"id":1}\n'

async function started(more: Parameters<typeof filesWorld>[0] = {}) {
  const world = filesWorld(more)
  await world.land({ put: { 'dt=1/a.json': row, 'dt=2/a.json': row } })
  await world.wake()
  return world
}

describe('A sweep', () => {
  test('of an unchanged table reads the record and the partitions once, and no file', async () => {
    const world = await started()
    expect(await world.wake({ full: true })).toEqual({
      reacted: expect.objectContaining({ kind: 'idle' }),
      glue: ['GetTable', 'GetPartitions'],
      reads: 0,
    })
  })

  test('of a table without files costs nothing', async () => {
    const world = filesWorld()
    expect(await world.wake({ full: true })).toMatchObject({ reacted: { kind: 'idle' }, glue: [] })
  })

  test('catches up after a lost event', async () => {
    const world = await started()
    await world.land({ put: { 'dt=3/a.json': '{"id":1,"new":2}\n' }, remove: ['dt=1/a.json'] })
    await world.wake({ full: true })
    expect(world.partitions()).toEqual(['2 dt=2/', '3 dt=3/'])
    expect(world.columns()).toEqual(['id bigint', 'new bigint'])
  })

  test('repairs partitions that somebody removed, added, moved or changed', async () => {
    const world = await started()
    const there = world.glue.partitionsOf('bronze', 'uploads')
    const [one] = there.values()
    if (one === undefined) throw new Error('no partition')
    there.delete('["1"]')
    there.set('["2"]', { ...one, Values: ['2'], StorageDescriptor: { Location: 's3://raw/uploads/elsewhere/' } })
    there.set('["9"]', { ...one, Values: ['9'] })
    expect((await world.wake({ full: true })).glue).toEqual([
      'GetTable',
      'GetPartitions',
      'BatchCreatePartition',
      'BatchUpdatePartition',
      'BatchDeletePartition',
    ])
    expect(world.partitions()).toEqual(['1 dt=1/', '2 dt=2/'])
  })

  test('creates a table again that was dropped, with all its partitions', async () => {
    const world = await started()
    await world.land({ put: { 'dt=3/a.json': row } })
    await world.wake()
    world.glue.drop('bronze', 'uploads')
    await world.wake({ full: true })
    expect(world.partitions()).toHaveLength(3)
    expect(world.columns()).toEqual(['id bigint'])
  })

  test('repairs columns that were changed by hand, and keeps what others added', async () => {
    const world = await started()
    world.glue.edit('bronze', 'uploads', (was) => ({
      ...was,
      Owner: 'them',
      Parameters: { ...was.Parameters, team: 'a' },
      StorageDescriptor: { ...was.StorageDescriptor, Columns: [{ Name: 'id', Type: 'string', Comment: 'by hand' }] },
    }))
    await world.wake({ full: true })
    expect(world.record()).toMatchObject({
      Owner: 'them',
      Parameters: { team: 'a' },
      StorageDescriptor: { Columns: [{ Name: 'id', Type: 'bigint', Comment: 'by hand' }] },
    })
  })

  test('does not report misplaced files again', async () => {
    const world = await started()
    await world.land({ put: { 'lost.json': row } })
    await world.wake()
    await world.wake({ full: true })
    expect(world.refusals()).toHaveLength(1)
  })
})

describe('A wake-up', () => {
  test('that finds the table dropped creates all of it, not only what is new', async () => {
    const world = await started()
    world.glue.drop('bronze', 'uploads')
    await world.land({ put: { 'dt=3/a.json': row } })
    await world.wake()
    expect(world.partitions()).toHaveLength(3)
  })

  test('after versions have expired compares all partitions', async () => {
    const world = await started()
    await world.land({ remove: ['dt=1/a.json'] })
    await world.land({ put: { 'dt=3/a.json': row } })
    await world.landings.expire('uploads', 1, 10)
    await world.wake()
    expect(world.partitions()).toEqual(['2 dt=2/', '3 dt=3/'])
  })

  test('that loses a race to a newer one keeps the newer record and partitions', async () => {
    const world = await started()
    await world.land({ put: { 'dt=3/a.json': '{"id":1,"x":1}\n' } })
    world.others.meanwhile = async () => {
      await world.land({ put: { 'dt=4/a.json': '{"id":1,"y":1}\n' }, remove: ['dt=3/a.json'] })
      await world.wake()
    }
    await world.wake()
    expect(world.columns()).toEqual(expect.arrayContaining(['id bigint', 'y bigint']))
    expect(world.partitions()).toEqual(['1 dt=1/', '2 dt=2/', '4 dt=4/'])
    expect(world.record()?.Parameters?.['landfall.version']).toBe('2')
  })

  test.each([
    ['a table elsewhere', { StorageDescriptor: { Location: 's3://other/place/' } }],
    [
      'a table of another format',
      { Parameters: { classification: 'csv' }, StorageDescriptor: { Location: 's3://raw/uploads/' } },
    ],
    [
      'an Iceberg table',
      { Parameters: { table_type: 'ICEBERG' }, StorageDescriptor: { Location: 's3://raw/uploads/' } },
    ],
    [
      'another lake, with files elsewhere',
      {
        Parameters: { classification: 'json', 'landfall.tableId': 's3://other/uploads/' },
        StorageDescriptor: { Location: 's3://other/uploads/' },
      },
    ],
    ['a view', { TableType: 'VIRTUAL_VIEW', StorageDescriptor: { Location: 's3://raw/uploads/' } }],
  ])('that finds the name taken by %s is refused', async (_what, more) => {
    const world = filesWorld()
    await world.glue.createDatabase('bronze', '')
    await world.glue.createTable('bronze', { Name: 'uploads', ...more })
    await world.land({ put: { 'dt=1/a.json': row } })
    expect((await world.wake()).reacted).toMatchObject({ kind: 'refused', refusal: { code: 'name-taken' } })
  })

  test('that finds a crawler’s record of the same files takes it over', async () => {
    const world = filesWorld()
    await world.glue.createDatabase('bronze', '')
    await world.glue.createTable('bronze', {
      Name: 'uploads',
      Parameters: { classification: 'json', UPDATED_BY_CRAWLER: 'c' },
      PartitionKeys: [{ Name: 'partition_0', Type: 'string' }],
      StorageDescriptor: { Location: 's3://raw/uploads/', Columns: [] },
    })
    await world.land({ put: { 'dt=1/a.json': row } })
    await world.wake()
    expect(world.record()).toMatchObject({ PartitionKeys: [{ Name: 'dt' }], Parameters: { UPDATED_BY_CRAWLER: 'c' } })
    expect(world.partitions()).toEqual(['1 dt=1/'])
  })
})

/** Changes of the bucket, and which of their events arrive. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('put' as const), dt: fc.nat(4), file: fc.nat(2), columns: fc.nat(7) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wake' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), version: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('by hand' as const), dt: fc.nat(5) }) },
)

function content(columns: number): string {
  const values = [1, 2.5, 'x', true, '2026-01-01', null, { a: 1 }, [1]]
  return `${JSON.stringify({ id: 1, [`c${columns % 3}`]: values[columns] })}\n`
}

describe('Whatever files come and go, events are lost or repeated, and edits are made by hand,', () => {
  test('after a sweep the partitions in Glue are those of the live files, and there is nothing left to do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = filesWorld()
        const live = new Set<string>()
        for (const each of steps) {
          if (each.kind === 'put') {
            const path = `dt=${each.dt}/${each.file}.json`
            await world.land({ put: { [path]: content(each.columns) } })
            live.add(path)
          } else if (each.kind === 'remove' && live.size > 0) {
            const path = [...live][each.pick % live.size] ?? ''
            await world.land({ remove: [path] })
            live.delete(path)
          } else if (each.kind === 'wake') await world.wake()
          else if (each.kind === 'late') await world.wake({ version: each.version })
          else if (each.kind === 'by hand')
            world.glue.partitionsOf('bronze', 'uploads').delete(JSON.stringify([`${each.dt}`]))
          else if (each.kind === 'crash') await crashed(world, each.after)
        }
        await world.wake({ full: true })
        const partitions = new Set([...live].map((path) => /dt=(\d)/.exec(path)?.[1]))
        const expected = world.record() === undefined ? [] : [...partitions].map((dt) => `${dt} dt=${dt}/`).sort()
        expect(world.partitions()).toEqual(expected)
        if (live.size > 0) expect(world.partitions()).toHaveLength(partitions.size)
        if (live.size > 0) expect(world.columns()).toBeDefined()
        for (const part of world.glue.partitionsOf('bronze', 'uploads').values())
          expect(part.StorageDescriptor.Columns).toEqual(world.record()?.StorageDescriptor?.Columns)
        const writes = (await world.wake({ full: true })).glue.filter((call) => !call.startsWith('Get'))
        expect(writes).toEqual([])
      }),
      { seed: 20_261_122, numRuns: 300 },
    )
  }, 60_000)
})

/** A worker that crashes at one of its calls to Glue; its message is redelivered later, or never. */
async function crashed(world: ReturnType<typeof filesWorld>, after: number): Promise<void> {
  let calls = 0
  const { createTable, updateTable, createPartitions, updatePartitions, deletePartitions } = world.glue
  const dying =
    <Args extends readonly unknown[], R>(call: (...args: Args) => Promise<R>) =>
    async (...args: Args): Promise<R> => {
      if (calls++ >= after) throw new Error('died')
      return call(...args)
    }
  Object.assign(world.contended, {
    createTable: dying(createTable),
    updateTable: dying(updateTable),
    createPartitions: dying(createPartitions),
    updatePartitions: dying(updatePartitions),
    deletePartitions: dying(deletePartitions),
  })
  await world.wake().catch(() => {})
  Object.assign(world.contended, { createTable, updateTable, createPartitions, updatePartitions, deletePartitions })
}

describe('A folder', () => {
  const column = fc.constantFrom('dt', 'hour')
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text))

  test('of Hive gives the values that were written', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(column, { minLength: 1 }),
        fc.array(value, { minLength: 2, maxLength: 2 }),
        (partitions, values) => {
          const folders = partitions.map((name, at) => `${name}=${encodeURIComponent(values[at] ?? '')}/`).join('')
          expect(partitionOf(`${folders}deeper/file`, { partitions })).toEqual({
            values: partitions.map((_, at) => values[at]),
            folder: folders,
          })
        },
      ),
      { seed: 20_261_122 },
    )
  })

  test('of a pattern is one to one with its values', () => {
    const shape = { partitions: ['a', 'b', 'c'], partitionPattern: '{a}-{b}/x{c}' }
    const text = fc.stringMatching(/^[a-z-]{1,6}$/)
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        const [one, other] = [`${a}-${b}/x${c}/f`, `${d}-${b}/x${c}/f`].map((path) => partitionOf(path, shape))
        if (one === undefined || other === undefined || 'misfit' in one || 'misfit' in other) return
        expect(JSON.stringify(one.values) === JSON.stringify(other.values)).toBe(one.folder === other.folder)
      }),
      { seed: 20_261_122 },
    )
  })
})
