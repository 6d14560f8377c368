import { describe, expect, test } from '@jest/globals'
import type { Lake } from '../../../src/lake/lake.ts'
import { s3Intake } from '../../../src/intake/s3/s3-intake.ts'
import { type FileSweep, sweepFiles } from '../../../src/intake/s3/sweep-files.ts'
import type { LandingStore } from '../../../src/tables/landing/landing-log.ts'
import { newCursor } from '../../../src/core/ledger.ts'
import { reactionsOfTable } from '../../../src/reactions/index.ts'
import { repair } from '../../../src/tables/landing/repair.ts'
import { collect } from '../../tables/landing/landing-log.suite.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { notedQueue, quietContext, sqsEvent } from '../../lambda/function.twin.ts'
import { memoryLandingLog } from '../../tables/landing/landing-log.twin.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { objectsTwin } from '../../tables/landing/table-objects.twin.ts'

const at = (prefix: string) => ({ bucket: 'raw', prefix })
const table = { name: 'uploads', location: at('in/uploads'), format: 'json', partitions: [] } as const
const lake: Lake = {
  name: 'flights',
  stage: 'test',
  models: {},
  registries: {},
  buckets: { raw: { name: 'raw', existing: false } },
  tables: {
    uploads: { ...table, catalog: { database: 'd', table: 'uploads' } },
    clicks: { name: 'clicks', location: at('in/clicks'), format: 'csv', partitions: [] },
    flights: { name: 'flights', location: at('silver/flights'), format: 'delta', partitions: [] },
  },
}

function event(key: string, sequencer = '1', more: object = {}, type = 'Object Created'): object {
  return {
    source: 'aws.s3',
    'detail-type': type,
    time: '2026-11-22T00:00:00Z',
    detail: { bucket: { name: 'raw' }, object: { key, size: 3, etag: 'e', sequencer, ...more } },
  }
}

function world(store: LandingStore = memoryLandingLog()) {
  const [bus, ledger, context, bucket] = [memoryBus(), memoryLedger(), quietContext(), objectsTwin(false)]
  const objectsOf = ({ location: { prefix } }: { location: { prefix: string } }) => bucket.objects(`${prefix}/`)
  const run = s3Intake({ name: 'files', lake, bus, ledger, files: { store, objectsOf }, queue: notedQueue(), context })
  return {
    bus,
    ledger,
    bucket,
    store,
    objectsOf,
    published: () => bus.published.map(({ detail }) => ('table' in detail ? [detail.table, detail.version] : [])),
    run: (bodies: unknown[]) => run(sqsEvent(bodies), undefined as never),
  }
}

describe('events of files', () => {
  test('become one fact for each table, with its newest version', async () => {
    const { run, published, store } = world()
    const batch = Array.from({ length: 250 }, (_, i) => event(`in/uploads/${i}.json`))
    expect(await run([...batch, event('in/clicks/a.csv'), event('in/clicks/b.csv')])).toEqual({ batchItemFailures: [] })
    expect(published()).toEqual([
      ['uploads', 2],
      ['clicks', 0],
    ])
    expect(await store.newest('flights')).toBe(-1)
  })

  test.each([
    ['a marker', 'in/uploads/_SUCCESS'],
    ['a folder', 'in/uploads/x/'],
    ['a temporary file', 'in/uploads/_temporary/0/part-0.json'],
    ['an object of no table', 'in/uploads2/a.json'],
    ['a data file of a Delta table', 'silver/flights/part-0.parquet'],
  ])('%s is ignored', async (_what, key) => {
    const { run, published, ledger } = world()
    expect((await run([event(key)])).batchItemFailures).toEqual([])
    expect(published()).toEqual([])
    expect(await ledger.rejections()).toEqual([])
  })

  test('a fact that was not published is published when its message is redelivered', async () => {
    const { run, published, store, ledger, objectsOf, bus } = world()
    const broken = { publish: async (facts: readonly unknown[]) => facts.map(() => new Error('throttled')) }
    const files = { store, objectsOf }
    const first = s3Intake({
      name: 'files',
      lake,
      bus: broken,
      ledger,
      files,
      queue: notedQueue(),
      context: quietContext(),
    })
    const body = event('in/uploads/a.json')
    expect((await first(sqsEvent([body]), undefined as never)).batchItemFailures).toEqual([{ itemIdentifier: '0' }])
    expect(await store.newest('uploads')).toBe(0)
    expect(bus.published).toEqual([])
    await run([body])
    expect(published()).toEqual([['uploads', 0]])
    expect(await store.newest('uploads')).toBe(0)
  })

  test('a log that cannot be written fails only the messages of its table', async () => {
    const inner = memoryLandingLog()
    const { run, published } = world({
      ...inner,
      append: (table, ...rest) =>
        table === 'uploads' ? Promise.reject(new Error('throttled')) : inner.append(table, ...rest),
    })
    const answer = await run([event('in/uploads/a.json'), event('in/clicks/a.csv')])
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '0' }])
    expect(published()).toEqual([['clicks', 0]])
  })

  test.each([
    ['a size that is no number of bytes', { size: 1e300 }],
    ['a size that a double cannot hold', { size: 2 ** 53 }],
    ['a negative size', { size: -5 }],
    ['an ETag of 400 kB', { etag: 'e'.repeat(400_000) }],
    ['a version of 400 kB', { 'version-id': 'v'.repeat(400_000) }],
    ['a sequencer of 400 kB', { sequencer: 'f'.repeat(400_000) }],
  ])('a forged event with %s does not stop those of its batch', async (_what, more) => {
    const { run, store, ledger } = world()
    const bodies = [event('in/uploads/a.json'), event('in/uploads/forged.json', '1', more), event('in/uploads/b.json')]
    expect(await run(bodies)).toEqual({ batchItemFailures: [] })
    // DynamoDB cannot hold it, and takes all objects of a version or none.
    expect((await collect(store.walk('uploads'))).map(({ key }) => key)).toEqual(['a.json', 'b.json'])
    expect(await ledger.rejections()).toMatchObject([{ code: 'not-an-s3-event', count: 1 }])
  })

  test('a message with several events is processed as a whole', async () => {
    const { run, store, published } = world()
    const record = (key: string, eventName: string, sequencer: string) => ({
      eventSource: 'aws:s3',
      eventName,
      eventTime: '2026-11-22T00:00:00.000Z',
      s3: { bucket: { name: 'raw' }, object: { key, size: 1, eTag: 'e', sequencer } },
    })
    await run([
      {
        Records: [
          record('in/uploads/a+b.json', 'ObjectCreated:Put', '1'),
          record('in/clicks/c', 'ObjectCreated:Put', '1'),
        ],
      },
      { Records: [record('in/clicks/c', 'ObjectRemoved:Delete', '2')] },
    ])
    expect(published()).toEqual([['uploads', 0]])
    expect((await collect(store.walk('uploads'))).map(({ key }) => key)).toEqual(['a b.json'])
  })

  test('an event of a file in the queue for Delta commits is recorded', async () => {
    const { ledger, bus } = world()
    const run = s3Intake({ name: 'commits', lake, bus, ledger, queue: notedQueue(), context: quietContext() })
    await run(sqsEvent([event('in/uploads/a.json')]), undefined as never)
    expect(await ledger.rejections()).toMatchObject([{ code: 'wrong-queue', about: 'uploads' }])
  })
})

describe('the sweep of files', () => {
  const sweeping = ({ store, objectsOf, ledger, bus }: ReturnType<typeof world>, more: Partial<FileSweep> = {}) =>
    sweepFiles([lake.tables['uploads']!, lake.tables['clicks']!], {
      lake: 'flights',
      store,
      objectsOf,
      ledger,
      bus,
      now: () => 1_000,
      stop: () => false,
      ...more,
    })

  test('repairs what lost events missed and publishes it, once', async () => {
    const w = world()
    for (let i = 0; i < 120; i++) await w.bucket.put(`in/uploads/${i}.json`, 'x')
    await w.run([event('in/uploads/gone.json')])
    expect(await sweeping(w)).toMatchObject({
      uploads: { compared: 121, added: 120, removed: 1, more: false },
      clicks: { compared: 0, added: 0 },
    })
    expect(w.published().at(-1)).toEqual(['uploads', await w.store.newest('uploads')])
    const [newest, count] = [await w.store.newest('uploads'), w.published().length]
    expect(await sweeping(w)).toMatchObject({ uploads: { added: 0, removed: 0, more: false } })
    expect([await w.store.newest('uploads'), w.published().length]).toEqual([newest, count])
  })

  test('stops when the time is up, and the next one continues from there', async () => {
    const w = world()
    for (let i = 0; i < 40; i++) await w.bucket.put(`in/uploads/${'a'.repeat(i + 1)}`, 'x')
    let keys = 0
    const first = await sweeping(w, { stop: () => ++keys > 10, now: () => 0 })
    expect(first['uploads']).toMatchObject({ more: true })
    const { compared } = first['uploads']!
    expect(compared).toBeLessThan(40)
    expect((await sweeping(w))['uploads']).toMatchObject({ compared: 40 - compared, more: false })
    expect(await collect(w.store.walk('uploads'))).toHaveLength(40)
  })

  test('a table that fails is reported and does not stop the others', async () => {
    const w = world()
    await w.bucket.put('in/clicks/a.csv', 'x')
    const objectsOf: FileSweep['objectsOf'] = (of) => {
      if (of.name === 'uploads') throw new Error('denied')
      return w.objectsOf(of)
    }
    await expect(sweeping(w, { objectsOf })).rejects.toThrow('the landing log of uploads could not be swept')
    expect(await w.store.newest('clicks')).toBe(0)
  })

  test('removes versions that every reaction has passed, except those kept for replay', async () => {
    const w = world()
    const version = (n: number) => ({ version: n, timestamp: 0, added: [], removed: [] })
    const state = { key: 'a', size: 0, sequencer: '1', version: 0, at: 0 }
    for (let n = 0; n < 1_100; n++) await w.store.append('uploads', version(n), [{ ...state, revision: n }])
    expect((await sweeping(w))['uploads']?.expired).toBe(0)
    const [reaction = ''] = reactionsOfTable(lake.tables['uploads']!)
    const cursor = newCursor({ subject: 'table/uploads', reaction })
    await w.ledger.save({ ...cursor, version: 49 })
    expect((await sweeping(w))['uploads']?.expired).toBe(50)
    await w.ledger.save({ ...cursor, version: 1_099, revision: 1 })
    expect((await sweeping(w))['uploads']?.expired).toBe(50)
    expect((await collect(w.store.read('uploads', -1, 2_000)))[0]?.version).toBe(100)
  })

  test('a backfill imports every object and reports its progress', async () => {
    const w = world()
    for (let i = 0; i < 12_000; i++) await w.bucket.put(`in/uploads/${String(i).padStart(5, '0')}.json`, 'x')
    const objects = w.objectsOf(table)
    const seen: number[] = []
    const progress = ({ compared }: { compared: number }) => void seen.push(compared)
    const done = await repair({ store: w.store, objects, now: () => 1 }, 'uploads', { keys: Infinity, progress })
    expect(done).toMatchObject({ compared: 12_000, added: 12_000, after: undefined })
    expect(seen).toEqual([5_000, 10_000, 12_000])
    expect(await w.store.newest('uploads')).toBeLessThan(12_000 / 90)
  })
})
