import { describe, expect, test } from '@jest/globals'
import { featuresInForce } from '../../../src/tables/delta/features.ts'
import { RefusedTable } from '../../../src/tables/delta/refused.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import type { TableStore } from '../../../src/tables/store.ts'
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
  UUID,
  vector,
  writtenAt,
} from './log-builder.ts'
import type { MemoryStore } from '../table-store.twin.ts'

const names = async (store: TableStore, version?: number): Promise<string[]> =>
  Array.from((await readSnapshot(store, version)).files, (file) => file.path).sort()

async function refusal(work: Promise<unknown>): Promise<RefusedTable> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof RefusedTable) return error
  throw new Error(`expected a RefusedTable, got ${String(error)}`)
}

/** Versions 0 to 4; file `n` is added in version n. */
const five = [[...start, add('0')], [add('1')], [add('2')], [add('3')], [add('4')]]
const upTo = (version: number, more: readonly Action[] = []): Action[] => [
  ...start,
  ...Array.from({ length: version + 1 }, (_, at) => add(String(at))),
  ...more,
]
const without = (store: MemoryStore, ...versions: number[]): MemoryStore => {
  for (const version of versions) store.objects.delete(commitKey(version))
  return store
}
const manifest = (version: number, format: string): string => key(`${pad(version)}.checkpoint.${UUID}.${format}`)
const checkpointed = (content: Uint8Array | string, at = classicKey(3)): MemoryStore => {
  const store = without(logOf(five), 0, 1, 2)
  store.put(at, content, writtenAt(3))
  return store
}
const sidecar = (store: MemoryStore, name: string, actions: readonly Action[]): Action => {
  const bytes = parquet(actions)
  store.put(key(`_sidecars/${name}`), bytes)
  return { sidecar: { path: name, sizeInBytes: bytes.length, modificationTime: 0 } }
}
const v2 = features(['v2Checkpoint'])

const enabled = (more: Action = {}): Action =>
  metaData({ configuration: { 'delta.enableInCommitTimestamps': 'true', ...more } })
const info = (inCommitTimestamp?: number): Action => ({
  commitInfo: { timestamp: 1, operation: 'WRITE', inCommitTimestamp },
})
const reader = (more: Action): MemoryStore => logOf([[protocol(more), metaData()]])

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
      `V2 in ${format} with sidecars, among others’`,
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

  test('that is hinted at is not searched for from the beginning', async () => {
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
    ['is no Parquet', (store, at) => store.put(at, 'what?')],
    ['is empty', (store, at) => store.put(at, '')],
    ['has no protocol', (store, at) => store.put(at, parquet([metaData(), add('0')]))],
    ['has no metadata', (store, at) => store.put(at, parquet([protocol(), add('0')]))],
  ]
  test.each(broken)('that %s gives way to the commits', async (_, spoil) => {
    const store = logOf(five)
    spoil(store, classicKey(3))
    putHint(store, 3)
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test.each(broken)('that %s gives way to an older one', async (_, spoil) => {
    const store = without(logOf(five), 0)
    store.put(classicKey(1), parquet(upTo(1)))
    spoil(store, classicKey(3))
    putHint(store, 3)
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test.each(broken.slice(0, 3))(
    'that %s and that nothing can stand in for is refused by its name',
    async (_, spoil) => {
      const store = without(logOf(five), 0)
      spoil(store, classicKey(3))
      const error = await refusal(readSnapshot(store))
      expect(error).toMatchObject({ code: 'broken-checkpoint', unsupported: [classicKey(3)], known: { version: 4 } })
    },
  )

  test('whose sidecar is missing is refused by the sidecar’s name', async () => {
    const store = checkpointed(
      lines([v2, metaData(), { sidecar: { path: 'lost.parquet', sizeInBytes: 1 } }]),
      manifest(3, 'json'),
    )
    expect(await refusal(readSnapshot(store))).toMatchObject({ unsupported: ['_delta_log/_sidecars/lost.parquet'] })
    expect(await readState(store)).toMatchObject({ version: 4 })
  })

  test('one of whose parts is missing is no checkpoint', async () => {
    const store = logOf(five)
    store.put(key(`${pad(3)}.checkpoint.0000000001.0000000002.parquet`), parquet([...start, add('wrong')]))
    expect(await names(store)).toEqual(['0', '1', '2', '3', '4'])
  })

  test('that the store fails to give is asked for again later, not refused', async () => {
    const store = checkpointed(parquet(upTo(3)))
    store.onCall = (call) => {
      if (call.startsWith('slice')) throw new Error('503 Slow Down')
    }
    await expect(readSnapshot(store)).rejects.toThrow('503 Slow Down')
    await expect(readSnapshot(store)).rejects.not.toBeInstanceOf(RefusedTable)
  })

  test('without JSON statistics has its rows from the parsed ones, and asks for no others', async () => {
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

describe('commits', () => {
  test('reading a version back needs nothing that came later', async () => {
    const store = logOf([...five, [features(['unheard-of'])]])
    expect(await names(store, 2)).toEqual(['0', '1', '2'])
    expect(await names(store, 0)).toEqual(['0'])
  })

  test('a later remove takes a file away, and a later add brings it back', async () => {
    const store = logOf([[...start, add('a'), add('b%20c')], [remove('a'), remove('b%20c')], [add('a', { size: 7 })]])
    expect(await names(store, 1)).toEqual([])
    expect((await readSnapshot(store)).totals).toMatchObject({ files: 1, bytes: 7 })
  })

  test('what the last line of a commit says of a file stands', async () => {
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

  test('a file is its path and its deletion vector', async () => {
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

  test('rows are unknown as soon as one file does not say', async () => {
    for (const stats of [undefined, null, '', '{}', 'what?', '{"numRecords":null}'])
      expect((await readSnapshot(logOf([[...start, add('a'), add('b', { stats })]]))).totals.rows).toBeNull()
  })

  test('change data, staged and compacted commits, temporary files are no part of the table', async () => {
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

  test('a metadata that was replaced may have been broken', async () => {
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

describe('the time of a version', () => {
  const ict = features([], ['inCommitTimestamp'])
  test('is the file’s, unless the table has in-commit timestamps', async () => {
    expect((await readState(logOf([[info(42), ...start]]))).timestamp).toBe(writtenAt(0))
    expect((await readState(logOf([[info(42), ict, enabled()]]))).timestamp).toBe(42)
  })

  test('is the file’s before the version that switched them on', async () => {
    const store = logOf([
      [info(), ict, metaData()],
      [info(), enabled({ 'delta.inCommitTimestampEnablementVersion': '2' })],
      [info(43)],
    ])
    expect((await readState(store, 1)).timestamp).toBe(writtenAt(1))
    expect((await readState(store, 2)).timestamp).toBe(43)
  })

  test('is refused rather than guessed where the commit should have it and has not', async () => {
    expect(await refusal(readState(logOf([[info(), ict, enabled()]])))).toMatchObject({
      code: 'no-in-commit-timestamp',
      unsupported: [commitKey(0)],
    })
  })

  test('is the checksum file’s where the commit was cleaned up', async () => {
    const store = logOf([])
    store.put(classicKey(3), parquet([ict, enabled()]), 5)
    expect((await readState(store)).timestamp).toBe(5)
    store.put(key(`${pad(3)}.crc`), '{"inCommitTimestampOpt":44}')
    expect((await readState(store)).timestamp).toBe(44)
  })
})

describe('refused, by name, never guessed:', () => {
  test.each<[string, () => MemoryStore, string, string[]]>([
    [
      'an unknown reader feature',
      () => logOf([[features(['deletionVectors', 'telepathy']), metaData()]]),
      'unknown-reader-feature',
      ['telepathy'],
    ],
    [
      'one that only a checkpoint tells of',
      () => checkpointed(parquet([features(['telepathy']), metaData()])),
      'unknown-reader-feature',
      ['telepathy'],
    ],
    [
      'an unknown reader version',
      () => reader({ minReaderVersion: 4, minWriterVersion: 8 }),
      'unknown-reader-version',
      ['reader version 4'],
    ],
    [
      'a catalog-managed table',
      () => logOf([[features(['catalogManaged']), metaData()]]),
      'catalog-managed-table',
      ['catalogManaged'],
    ],
    [
      'its preview',
      () => logOf([[features(['catalogOwned-preview']), metaData()]]),
      'catalog-managed-table',
      ['catalogOwned-preview'],
    ],
    [
      'reader version 3 without its list',
      () => reader({ minReaderVersion: 3, minWriterVersion: 7 }),
      'broken-action',
      [commitKey(0)],
    ],
    ['a gap', () => without(logOf(five), 2), 'version-gap', ['version gap 2']],
    ['a longer gap', () => without(logOf(five), 1, 2), 'version-gap', ['version gap 1..2']],
    ['a log without its beginning', () => without(logOf(five), 0, 1), 'version-gap', ['version gap 0..1']],
    [
      'a gap after the checkpoint',
      () => without(checkpointed(parquet(upTo(1)), classicKey(1)), 3),
      'version-gap',
      ['version gap 2..3'],
    ],
    ['no protocol', () => logOf([[metaData()]]), 'no-protocol', ['no protocol']],
    ['no metadata', () => logOf([[protocol()]]), 'no-metadata', ['no metadata']],
    ['nothing at all', () => logOf([]), 'not-a-delta-table', ['no commits']],
    [
      'a schema that is no JSON',
      () => logOf([[protocol(), metaData({ schemaString: '{' })]]),
      'broken-action',
      [commitKey(0)],
    ],
  ])('%s', async (_, make, code, unsupported) => {
    expect(await refusal(readState(make()))).toMatchObject({ code, unsupported })
    expect(await refusal(readSnapshot(make()))).toMatchObject({ code, unsupported })
  })

  test.each<[string, string, string]>([
    ['is not JSON', 'what?', 'not-json'],
    ['is cut off', '{"add":{"path":"a","size":1', 'not-json'],
    ['is JSON and no action', '[1]', 'broken-action'],
    ['adds a file without a size', '{"add":{"path":"a"}}', 'broken-action'],
    ['adds a file without a path', '{"add":{"size":1}}', 'broken-action'],
    [
      'has partition values that are none',
      '{"add":{"path":"a","size":1,"partitionValues":{"a":{"b":1}}}}',
      'broken-action',
    ],
    ['has partition values that are no JSON', '{"add":{"path":"a","size":1,"partitionValues":{"a":b}}}', 'not-json'],
  ])('a commit that %s, with its place', async (_, line, code) => {
    const store = logOf([[...start, add('a')]])
    store.put(commitKey(1), `${lines([add('b')])}${line}\n`)
    const error = await refusal(readSnapshot(store))
    expect(error).toMatchObject({ code, unsupported: [commitKey(1)], known: { version: 1 } })
    expect(error.message).toContain(`${commitKey(1)}, line 2`)
  })

  test('a commit that is not UTF-8', async () => {
    const store = logOf([[...start, add('a')]])
    store.put(commitKey(1), Uint8Array.of(0x7b, 0x22, 0xe9, 0x22, 0x7d))
    expect(await refusal(readSnapshot(store))).toMatchObject({ code: 'not-json' })
  })

  test('a broken file, with what the table is otherwise', async () => {
    const error = await refusal(readSnapshot(logOf([[...start, add('a', { size: null })]])))
    expect(error.known).toMatchObject({
      version: 0,
      protocol: { minReaderVersion: 1 },
      metadata: { partitionColumns: [] },
    })
  })

  test('a line that cannot be read is put down to the feature that explains it', async () => {
    const store = logOf([[features(['telepathy']), metaData()], [{ add: { thought: true } }]])
    expect(await refusal(readSnapshot(store))).toMatchObject({ code: 'unknown-reader-feature', known: { version: 1 } })
  })

  test.each<[string, () => MemoryStore, number, string]>([
    ['the newest', () => logOf(five), 5, 'no-such-version'],
    ['the oldest that is left', () => checkpointed(parquet(upTo(3))), 2, 'no-such-version'],
  ])('a version beyond %s', async (_, make, version, code) => {
    expect(await refusal(readSnapshot(make(), version))).toMatchObject({ code, unsupported: [`version ${version}`] })
  })

  test('but not a feature that only writers must know', async () => {
    const { protocol: found } = await readState(logOf([[features([], ['telepathy', 'rowTracking']), metaData()]]))
    expect(featuresInForce(found)).toEqual(['rowTracking', 'telepathy'])
  })
})

test.each([
  [1, 1, []],
  [1, 2, ['appendOnly', 'invariants']],
  [1, 4, ['appendOnly', 'changeDataFeed', 'checkConstraints', 'generatedColumns', 'invariants']],
  [2, 5, ['appendOnly', 'changeDataFeed', 'checkConstraints', 'columnMapping', 'generatedColumns', 'invariants']],
  [2, 7, ['columnMapping']],
])(
  'reader version %i and writer version %i stand for their features',
  (minReaderVersion, minWriterVersion, expected) => {
    expect(featuresInForce({ minReaderVersion, minWriterVersion, readerFeatures: [], writerFeatures: [] })).toEqual(
      expected,
    )
  },
)
