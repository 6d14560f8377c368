import { describe, expect, test } from '@jest/globals'
import { RefusedTable } from '../../../src/tables/delta/refused.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import { checkpointed, five, manifest, names, refusal, upTo, without } from './given.ts'
import {
  type Action,
  add,
  classicKey,
  commitKey,
  features,
  key,
  lines,
  logOf,
  metaData,
  pad,
  parquet,
  protocol,
  putHint,
  remove,
  start,
  writtenAt,
} from './log-builder.ts'
import type { MemoryStore } from '../table-store.twin.ts'

const sidecar = (store: MemoryStore, name: string, actions: readonly Action[]): Action => {
  const bytes = parquet(actions)
  store.put(key(`_sidecars/${name}`), bytes)
  return { sidecar: { path: name, sizeInBytes: bytes.length, modificationTime: 0 } }
}
const v2 = features(['v2Checkpoint'])

describe('a checkpoint', () => {
  test.each<[string, () => MemoryStore]>([
    ['classic', () => checkpointed(parquet(upTo(3)))],
    ['classic, zstd, in many row groups', () => checkpointed(parquet(upTo(3), { zstd: true, rowGroupSize: 1 }))],
    [
      'with tombstones and transactions',
      () => checkpointed(parquet(upTo(3, [remove('gone'), { txn: { appId: 'a', version: 1 } }]))),
    ],
    [
      'in parts',
      () => {
        const store = checkpointed(
          parquet([add('0'), add('1')]),
          key(`${pad(3)}.checkpoint.${'1'.padStart(10, '0')}.${'2'.padStart(10, '0')}.parquet`),
        )
        store.put(
          key(`${pad(3)}.checkpoint.${'2'.padStart(10, '0')}.${'2'.padStart(10, '0')}.parquet`),
          parquet([...start, add('2'), add('3')]),
        )
        return store
      },
    ],
    [
      'V2 in JSON',
      () =>
        checkpointed(
          lines([{ checkpointMetadata: { version: 3 } }, v2, metaData(), ...upTo(3).slice(2), remove('gone')]),
          manifest(3, 'json'),
        ),
    ],
    [
      'V2 in Parquet',
      () =>
        checkpointed(
          parquet([{ checkpointMetadata: { version: 3 } }, v2, metaData(), ...upTo(3).slice(2)]),
          manifest(3, 'parquet'),
        ),
    ],
    ...(['json', 'parquet'] as const).map((format): [string, () => MemoryStore] => [
      `V2 in ${format} with sidecars, beside those of others`,
      () => {
        const store = checkpointed('')
        store.objects.delete(classicKey(3))
        const actions = [
          v2,
          metaData(),
          sidecar(store, 'a%20b.parquet'.replace('%20', ' '), [add('0'), remove('gone')]),
          sidecar(store, 'c.parquet', [add('1'), add('2'), add('3')]),
        ]
        sidecar(store, 'of-another-checkpoint.parquet', [add('never')])
        store.put(manifest(3, format), format === 'json' ? lines(actions) : parquet(actions))
        return store
      },
    ]),
    [
      'V2 under a classic name',
      () => {
        const store = checkpointed('')
        store.put(classicKey(3), parquet([v2, metaData(), sidecar(store, 'c.parquet', upTo(3).slice(2))]))
        return store
      },
    ],
  ])('%s, with the log before it cleaned up, gives the same table', async (_, make) => {
    const snapshot = await readSnapshot(make())
    expect(snapshot).toMatchObject({
      version: 4,
      timestamp: writtenAt(4),
      totals: { files: 5, bytes: 500, rows: 50, deletedRows: 0 },
    })
    expect(await names(make())).toEqual(['0', '1', '2', '3', '4'])
    expect(await readState(make(), 3)).toMatchObject({ version: 3, metadata: { id: snapshot.metadata.id } })
  })

  test('in _last_checkpoint is found without listing the log from the beginning', async () => {
    const store = logOf(five)
    store.put(classicKey(3), parquet(upTo(3)))
    putHint(store, 3)
    await readSnapshot(store)
    expect(store.calls.filter((call) => call.startsWith('list'))).toEqual([`list _delta_log/ > _delta_log/${pad(3)}`])
    expect(store.calls.filter((call) => call.startsWith('get'))).toEqual([
      'get _delta_log/_last_checkpoint',
      `get ${commitKey(4)}`,
    ])
  })

  test.each<[string, (store: MemoryStore) => void]>([
    ['is not JSON', (store) => store.put(key('_last_checkpoint'), '{"version":')],
    ['names a version that has no checkpoint', (store) => putHint(store, 2)],
    ['is beyond the newest version', (store) => putHint(store, 99)],
    ['is older than the newest checkpoint', (store) => putHint(store, 1)],
    ['is nonsense', (store) => store.put(key('_last_checkpoint'), '{"version":-1}')],
    ['is null', (store) => store.put(key('_last_checkpoint'), 'null')],
  ])('is found although its hint %s', async (_, hint) => {
    const store = checkpointed(parquet(upTo(3)))
    hint(store)
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  const broken: [string, (store: MemoryStore, at: string) => void][] = [
    ['is cut off', (store, at) => store.put(at, parquet(upTo(3)).slice(0, 300))],
    ['is cut off in front', (store, at) => store.put(at, parquet(upTo(3)).slice(200))],
    ['is not Parquet', (store, at) => store.put(at, 'what?')],
    ['is empty', (store, at) => store.put(at, '')],
    ['has no protocol', (store, at) => store.put(at, parquet([metaData(), add('0')]))],
    ['has no metadata', (store, at) => store.put(at, parquet([protocol(), add('0')]))],
  ]
  test.each(broken)('that %s is replaced by the commits', async (_, spoil) => {
    const store = logOf(five)
    spoil(store, classicKey(3))
    putHint(store, 3)
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test.each(broken)('that %s is replaced by an older one', async (_, spoil) => {
    const store = without(logOf(five), 0)
    store.put(classicKey(1), parquet(upTo(1)))
    spoil(store, classicKey(3))
    putHint(store, 3)
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test.each(broken.slice(0, 3))('that %s and cannot be replaced is refused by its name', async (_, spoil) => {
    const store = without(logOf(five), 0)
    spoil(store, classicKey(3))
    const error = await refusal(readSnapshot(store))
    expect(error).toMatchObject({ code: 'broken-checkpoint', unsupported: [classicKey(3)], known: { version: 4 } })
  })

  test('whose sidecar is missing is refused by the sidecar’s name', async () => {
    const store = checkpointed(
      lines([v2, metaData(), { sidecar: { path: 'lost.parquet', sizeInBytes: 1 } }]),
      manifest(3, 'json'),
    )
    expect(await refusal(readSnapshot(store))).toMatchObject({ unsupported: ['_delta_log/_sidecars/lost.parquet'] })
    expect(await readState(store)).toMatchObject({ version: 4 })
  })

  test('of which a part is missing does not count', async () => {
    const store = logOf(five)
    store.put(key(`${pad(3)}.checkpoint.0000000001.0000000002.parquet`), parquet([...start, add('wrong')]))
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test('that the store fails to return is an error to retry, not a refusal', async () => {
    const store = checkpointed(parquet(upTo(3)))
    store.onCall = (call) => {
      if (call.startsWith('slice')) throw new Error('503 Slow Down')
    }
    await expect(readSnapshot(store)).rejects.toThrow('503 Slow Down')
    await expect(readSnapshot(store)).rejects.not.toBeInstanceOf(RefusedTable)
  })

  test('without JSON statistics has its rows from the parsed ones', async () => {
    const parsed = [1, 2].map((at) => add(String(at), { stats: undefined, stats_parsed: { numRecords: at } }))
    expect((await readSnapshot(checkpointed(parquet([...start, ...parsed])))).totals.rows).toBe(3 + 10)
  })

  test.each(['key_value', 'map', 'entries'] as const)(
    'whose maps are laid out as %s keeps its partition values',
    async (entries) => {
      const partitioned = metaData({ partitionColumns: ['day', 'id'], configuration: { a: 'b' } })
      const files = [
        add('x', { partitionValues: { day: 'd', id: null } }),
        add('y', { partitionValues: { day: '', id: '7' } }),
        add('z', { partitionValues: { day: 'd', id: null } }),
      ]
      const { files: found, metadata } = await readSnapshot(
        checkpointed(parquet([protocol(), partitioned, ...files], { entries })),
        3,
      )
      expect(Array.from(found, (file) => file.partitionValues)).toEqual([
        { day: 'd', id: null },
        { day: null, id: '7' },
        { day: 'd', id: null },
      ])
      expect(metadata.properties).toEqual({ a: 'b' })
    },
  )
})
