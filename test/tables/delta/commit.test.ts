import { describe, expect, test } from '@jest/globals'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import { five, names } from './given.ts'
import {
  add,
  commitKey,
  features,
  key,
  lines,
  logOf,
  metaData,
  pad,
  protocol,
  remove,
  start,
  UUID,
  vector,
} from './log-builder.ts'

describe('commits', () => {
  test('reading an old version needs nothing that came later', async () => {
    const store = logOf([...five, [features(['unheard-of'])]])
    expect(await names(store, 2)).toEqual(['0', '1', '2'])
    expect(await names(store, 0)).toEqual(['0'])
  })

  test('a later remove removes a file, and a later add restores it', async () => {
    const store = logOf([[...start, add('a'), add('b%20c')], [remove('a'), remove('b%20c')], [add('a', { size: 7 })]])
    expect(await names(store, 1)).toEqual([])
    expect((await readSnapshot(store)).totals).toMatchObject({ files: 1, bytes: 7 })
  })

  test('the last line of a commit decides for each file', async () => {
    const twice = [remove('a'), add('a', { size: 7 })]
    expect((await readSnapshot(logOf([[...start, add('a')], twice]))).totals).toMatchObject({ files: 1, bytes: 7 })
    expect(await names(logOf([[...start, add('a')], twice.toReversed()]))).toEqual([])
  })

  test('no file of many is lost or mixed up', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `day=${at % 7}/part-${at}`)
    const store = logOf([
      [...start, ...many.map((path) => add(path))],
      many.filter((_, at) => at % 2 === 0).map((path) => remove(path)),
    ])
    expect(await names(store)).toEqual(many.filter((_, at) => at % 2 === 1).sort())
  })

  test('a file is identified by its path and its deletion vector', async () => {
    const store = logOf([
      [...start, add('a')],
      [remove('a'), add('a', vector('v1', 4))],
      [remove('a', vector('v1')), add('a', vector('v2', 6))],
    ])
    expect(await readSnapshot(store)).toMatchObject({ totals: { files: 1, rows: 4, deletedRows: 6 } })
    expect([...(await readSnapshot(store, 1)).files]).toMatchObject([
      { path: 'a', rows: 10, deletedRows: 4, deletionVector: 'uv1@1' },
    ])
  })

  test('rows are unknown as soon as one file lacks them', async () => {
    for (const stats of [undefined, null, '', '{}', 'what?', '{"numRecords":null}'])
      expect((await readSnapshot(logOf([[...start, add('a'), add('b', { stats })]]))).totals.rows).toBeNull()
  })

  test('change data, staged and compacted commits, and temporary files are not part of the table', async () => {
    const store = logOf([
      [...start, add('a'), { cdc: { path: '_change_data/c', size: 1, partitionValues: {}, dataChange: false } }],
    ])
    store.put(key(`_staged_commits/${pad(1)}.${UUID}.json`), lines([add('staged')]))
    store.put(key(`${pad(0)}.${pad(1)}.compacted.json`), lines([add('compacted')]))
    store.put(key(`${pad(0)}.crc`), 'what?')
    store.put(key(`${pad(1)}.json.tmp`), 'what?')
    expect(await names(store)).toEqual(['a'])
  })

  test.each(['id', 'name'])('column mapping by %s gives partition values their logical names', async (mode) => {
    const field = {
      name: 'Day',
      type: 'string',
      nullable: true,
      metadata: { 'delta.columnMapping.id': 1, 'delta.columnMapping.physicalName': 'col-1' },
    }
    const mapped = metaData({
      schemaString: JSON.stringify({ type: 'struct', fields: [field] }),
      partitionColumns: ['Day'],
      configuration: { 'delta.columnMapping.mode': mode },
    })
    const store = logOf([
      [protocol({ minReaderVersion: 2, minWriterVersion: 5 }), mapped, add('a', { partitionValues: { 'col-1': 'x' } })],
    ])
    expect([...(await readSnapshot(store)).files]).toMatchObject([{ partitionValues: { Day: 'x' } }])
  })

  test("Spark's user-defined types are read as what is stored, at any depth", async () => {
    const stored = { type: 'array', elementType: 'double', containsNull: false }
    const udt = { type: 'udt', class: 'org.apache.spark.ml.linalg.VectorUDT', sqlType: stored }
    const schemaIn = (type: unknown) => ({
      type: 'struct',
      fields: [
        {
          name: 'v',
          type: { type: 'map', keyType: 'string', valueType: type, valueContainsNull: true },
          nullable: true,
          metadata: {},
        },
      ],
    })
    const { metadata } = await readState(
      logOf([[protocol(), metaData({ schemaString: JSON.stringify(schemaIn(udt)) })]]),
    )
    expect(metadata.schema).toEqual(schemaIn(stored))
  })

  test('a broken metadata action does no harm once it is replaced', async () => {
    expect(await readState(logOf([[protocol(), metaData({ schemaString: undefined })], [metaData()]]))).toMatchObject({
      version: 1,
    })
  })

  test('the state alone is read from the newest commits that have it', async () => {
    const store = logOf([...five, [...start]])
    await readState(store)
    expect(store.calls.filter((call) => call.startsWith('get'))).toEqual([
      'get _delta_log/_last_checkpoint',
      `get ${commitKey(5)}`,
    ])
  })
})
