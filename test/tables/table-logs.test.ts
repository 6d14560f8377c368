import { describe, expect, test } from '@jest/globals'
import { deltaLog } from '../../src/tables/delta/log.ts'
import { landingLog } from '../../src/tables/landing/change.ts'
import { testTableLog } from './table-log.suite.ts'
import {
  type Action,
  add,
  commitKey,
  features,
  lines,
  metaData,
  protocol,
  remove,
  schema,
  vector,
  writtenAt,
} from './delta/log-builder.ts'
import { MemoryStore } from './table-store.twin.ts'
import { memoryLandingLog } from './landing/landing-log.twin.ts'
import { appendStates } from '../../src/tables/landing/append.ts'

const commit = (store: MemoryStore, version: number, actions: readonly Action[]) =>
  store.put(commitKey(version), lines(actions), writtenAt(version))
const partitioned = (path: string) => {
  const dt = /dt=(\w+)/.exec(path)?.[1]
  return { partitionValues: dt === undefined ? {} : { dt }, size: path.length }
}
const table = metaData({ partitionColumns: ['dt'] })

testTableLog('Delta', async () => {
  const store = new MemoryStore()
  let version = -1
  return {
    log: deltaLog(store),
    async write(added, removed = []) {
      const head = ++version === 0 ? [protocol(), table] : []
      const files = [...removed.map((path) => remove(path)), ...added.map((path) => add(path, partitioned(path)))]
      commit(store, version, [...head, ...files])
    },
    async forget(upTo) {
      for (let n = 0; n <= upTo; n++) store.objects.delete(`_delta_log/${String(n).padStart(20, '0')}.json`)
    },
  }
})

testTableLog('The landing log', async () => {
  const store = memoryLandingLog()
  const ports = { store, objects: { find: async () => undefined }, now: () => ++clock }
  let [clock, sequence] = [1_000, 1_000]
  return {
    log: landingLog(store, { name: 't', partitions: ['dt'] }),
    async write(added, removed = []) {
      const sequencer = String(++sequence)
      await appendStates(ports, 't', [
        ...removed.map((key) => ({ key, sequencer, state: 'gone' as const })),
        ...added.map((key) => ({ key, sequencer, state: { etag: sequencer, size: key.length } })),
      ])
    },
    forget: async (upTo) => void (await store.expire('t', upTo, 1_000)),
  }
})

describe('The landing log', () => {
  test('an overwritten file is new, and its former content is removed', async () => {
    const store = memoryLandingLog()
    const put = (key: string, etag: string, sequencer: string) => ({ key, sequencer, state: { etag, size: 1 } })
    const ports = { store, objects: { find: async () => undefined }, now: () => 1 }
    const log = landingLog(store, { name: 't', partitions: [] })
    await appendStates(ports, 't', [put('a', 'x', '1')])
    await appendStates(ports, 't', [put('a', 'y', '2')])
    const entry = { path: 'a', size: 1, partitionValues: {}, rows: null, deletedRows: 0 }
    expect(await log.change(0, 1)).toMatchObject({ added: [entry], removed: [{ path: 'a' }] })
    expect(await log.change(-1, 1)).toMatchObject({ added: [entry], removed: [] })
    expect(await log.newFiles(0, 1)).toEqual({ version: 1, timestamp: 1, files: [entry] })
  })
})

describe('The new files of a Delta log', () => {
  const newFiles = async (...commits: (readonly Action[])[]) => {
    const store = new MemoryStore()
    commit(store, 0, [protocol(), metaData()])
    for (const [i, actions] of commits.entries()) commit(store, i + 1, actions)
    return (await deltaLog(store).newFiles(0, commits.length))?.files.map(({ path }) => path).sort()
  }
  const quietly = { dataChange: false }

  test('are those that OPTIMIZE replaced, not those it wrote: each row counts once', async () => {
    expect(
      await newFiles(
        [add('a'), add('b')],
        [remove('a', quietly), remove('b', quietly), add('ab', quietly)],
        [add('c')],
      ),
    ).toEqual(['a', 'b', 'c'])
    expect(await newFiles([remove('x', quietly), add('y', quietly)])).toEqual([])
  })

  test('exclude files that were deleted again, and old files that lost rows', async () => {
    expect(await newFiles([add('a'), add('b')], [remove('a')])).toEqual(['b'])
    const marked = (path: string) => add(path, vector('ab^-aqEH.-t@S}K{vb[*k^'))
    expect(await newFiles([remove('old'), marked('old')])).toEqual([])
    expect(await newFiles([add('a')], [marked('a'), remove('a')])).toEqual(['a'])
  })

  test('have logical column names where the log has physical ones', async () => {
    const store = new MemoryStore()
    const fields = schema.fields.map((field, i) => ({
      ...field,
      metadata: { 'delta.columnMapping.id': i + 1, 'delta.columnMapping.physicalName': `col-${field.name}` },
    }))
    const mapped = metaData({
      schemaString: JSON.stringify({ ...schema, fields }),
      partitionColumns: ['day'],
      configuration: { 'delta.columnMapping.mode': 'name' },
    })
    commit(store, 0, [features(['columnMapping']), mapped])
    commit(store, 1, [add('a', { partitionValues: { 'col-day': '1' } })])
    const log = deltaLog(store)
    expect((await log.newFiles(0, 1))?.files[0]?.partitionValues).toEqual({ day: '1' })
    expect((await log.newFiles(-1, 1))?.files[0]?.partitionValues).toEqual({ day: '1' })
    expect((await log.change(0, 1))?.added[0]?.partitionValues).toEqual({ day: '1' })
  })
})
