import { describe, expect, test } from '@jest/globals'
import type { Table } from '../../../src/lake/lake.ts'
import type { Glue } from '../../../src/glue/ports.ts'
import { catalogReaction } from '../../../src/reactions/catalog/reaction.ts'
import { react } from '../../../src/core/react.ts'
import type { Wake } from '../../../src/core/reaction.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { glueTwin } from '../../glue/glue.twin.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import { EPOCH, flights } from './given.ts'

const subject = 'table/flights'
const two = ['id', 'origin']

const nothing = async (): Promise<void> => {}

/** The reaction with its real shell, on twins; the calls are counted for each wake. */
function world(table: Table = flights) {
  const store = new MemoryStore('s3://flights-lake/silver/flights')
  const glue = glueTwin()
  const ledger = memoryLedger()
  /** A change by somebody else, once, just before the next write. */
  let meanwhile = nothing
  const others = async () => {
    const once = meanwhile
    meanwhile = nothing
    await once()
  }
  const contended: Glue = {
    ...glue,
    createTable: (...args) => others().then(() => glue.createTable(...args)),
    updateTable: (...args) => others().then(() => glue.updateTable(...args)),
  }
  const reaction = catalogReaction({
    tables: { flights: table },
    storeOf: () => store,
    glue: contended,
  })
  const shell = memoryShell({ lake: 'lake', ledger, bus: memoryBus(), now: () => EPOCH })
  const wake = async (more: Partial<Wake>, at: string = subject) => {
    store.calls.length = 0
    glue.calls.length = 0
    const reacted = await react(reaction, { subject: at, ...more }, shell)
    return { reacted, log: [...store.calls], glue: [...glue.calls] }
  }
  const columns = () => glue.definition('silver', 'flights')?.StorageDescriptor?.Columns?.map(({ Name }) => Name)
  const onNextWrite = (action: () => Promise<void>) => (meanwhile = action)
  return { store, glue, ledger, wake, columns, onNextWrite }
}

const commit = (version: number) => `_delta_log/${String(version).padStart(20, '0')}.json`

/** A commit that adds a file; with `columns`, one that sets the metadata too; version 0 sets the protocol. */
function put(
  store: MemoryStore,
  version: number,
  columns?: readonly string[],
  more: { id?: string; at?: number } = {},
): void {
  const { id = 'id-1', at = EPOCH + version } = more
  const fields = columns?.map((name) => ({ name, type: 'string', nullable: true, metadata: {} }))
  const actions = [
    { commitInfo: { timestamp: at, operation: 'WRITE' } },
    ...(version === 0 ? [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }] : []),
    ...(fields
      ? [
          {
            metaData: {
              id,
              format: { provider: 'parquet', options: {} },
              schemaString: JSON.stringify({ type: 'struct', fields }),
              partitionColumns: [],
              configuration: {},
            },
          },
        ]
      : []),
    { add: { path: `${version}.parquet`, partitionValues: {}, size: 1, modificationTime: at, dataChange: true } },
  ]
  store.put(commit(version), actions.map((action) => JSON.stringify(action)).join('\n'), at)
}

async function started(versions = 1) {
  const here = world()
  for (let version = 0; version < versions; version++) put(here.store, version, version === 0 ? two : undefined)
  await here.wake({ version: versions - 1 })
  return here
}

describe('A commit', () => {
  test('of a table that the catalog does not have creates its database and its record', async () => {
    const { store, wake, columns } = world()
    put(store, 0, two)
    const { reacted, glue } = await wake({ version: 0 })
    expect(reacted).toMatchObject({ kind: 'done', actions: 2, cursor: { version: 0, committed: EPOCH } })
    expect(glue).toEqual(['GetTable', 'GetDatabase', 'CreateDatabase', 'CreateTable'])
    expect(columns()).toEqual(two)
  })

  test('that does not touch the record costs one GET: no LIST, no call to Glue', async () => {
    const { store, wake } = await started()
    put(store, 1)
    const { reacted, log, glue } = await wake({ version: 1 })
    expect(reacted).toMatchObject({ kind: 'done', actions: 0, cursor: { version: 1, committed: EPOCH + 1 } })
    expect({ log, glue }).toEqual({ log: [`get ${commit(1)}`], glue: [] })
  })

  test('that repeats the same metadata makes no call to Glue either', async () => {
    const { store, wake } = await started()
    put(store, 1, two)
    expect(await wake({ version: 1 })).toMatchObject({ log: [`get ${commit(1)}`], glue: [] })
  })

  test('that changes the schema costs one GET, one GetTable and one UpdateTable', async () => {
    const { store, wake, columns } = await started()
    put(store, 1, ['id', 'delay'])
    expect(await wake({ version: 1 })).toMatchObject({ log: [`get ${commit(1)}`], glue: ['GetTable', 'UpdateTable'] })
    expect(columns()).toEqual(['id', 'delay'])
  })

  test('whose event overtook others includes theirs, and theirs find nothing to do', async () => {
    const { store, wake, columns } = await started()
    put(store, 1, ['id', 'delay'])
    put(store, 2)
    expect((await wake({ version: 2 })).log).toEqual([`get ${commit(1)}`, `get ${commit(2)}`])
    expect(columns()).toEqual(['id', 'delay'])
    expect(await wake({ version: 1 })).toMatchObject({ reacted: { kind: 'idle' }, glue: [] })
    expect(await wake({ version: 2 })).toMatchObject({ reacted: { kind: 'idle' }, log: [], glue: [] })
  })

  test('far ahead of the cursor is read from the state, not commit by commit', async () => {
    const { store, wake, columns } = await started()
    for (let version = 1; version <= 40; version++) put(store, version, version === 30 ? ['id', 'delay'] : undefined)
    await wake({ version: 40 })
    expect(columns()).toEqual(['id', 'delay'])
  })

  test('that an event names but the log does not have changes nothing', async () => {
    const { store, wake, ledger } = await started()
    put(store, 1)
    await wake({ version: 9 })
    expect(await ledger.cursor({ subject, reaction: 'catalog' })).toMatchObject({ version: 1 })
  })

  test('of an unknown reader feature is refused by name, and the record stays', async () => {
    const { store, wake, columns } = await started()
    const protocol = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['warpDrive'],
      writerFeatures: ['warpDrive'],
    }
    store.put(commit(1), JSON.stringify({ protocol }), EPOCH + 1)
    const { reacted } = await wake({ version: 1 })
    expect(reacted).toMatchObject({ kind: 'refused', refusal: { reason: expect.stringContaining('warpDrive') } })
    expect(columns()).toEqual(two)
  })

  test('that repairs the table after a refused one brings the record up to date', async () => {
    const { store, wake, columns, ledger } = await started()
    put(store, 1, ['A', 'a'])
    expect(await wake({ version: 1 })).toMatchObject({
      reacted: { kind: 'refused', refusal: { code: 'duplicate-column' } },
    })
    put(store, 2, ['A', 'b'])
    await wake({ version: 2 })
    expect(columns()).toEqual(['a', 'b'])
    expect((await ledger.cursor({ subject, reaction: 'catalog' })).refusal).toBeUndefined()
  })

  test('that was damaged and is restored brings the later ones too, whose events met the refusal', async () => {
    const { store, wake, columns } = await started()
    store.put(commit(1), 'not JSON')
    put(store, 2, ['id', 'delay'])
    for (const version of [1, 2]) expect((await wake({ version })).reacted).toMatchObject({ kind: 'refused' })
    put(store, 1)
    expect((await wake({ version: 1 })).reacted).toMatchObject({ kind: 'done', cursor: { version: 2 } })
    expect(columns()).toEqual(['id', 'delay'])
  })

  test("of a table whose name another lake's table has is refused: the two would overwrite each other's record", async () => {
    const { glue, ...others } = await started()
    const { glue: _own, ...mine } = world()
    const reaction = catalogReaction({
      tables: { flights: { ...flights, location: { bucket: 'beside', prefix: 'flights' } } },
      storeOf: () => mine.store,
      glue,
    })
    put(mine.store, 0, ['other'], { id: 'id-2', at: EPOCH + 9 })
    const shell = memoryShell({ lake: 'beside', ledger: memoryLedger(), bus: memoryBus(), now: () => EPOCH })
    expect(await react(reaction, { subject, version: 0 }, shell)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'name-taken' },
    })
    expect(others.columns()).toEqual(two)
  })
})

describe('A sweep', () => {
  test('of an unchanged table costs one GET, one LIST and one GetTable, and writes nothing', async () => {
    const { wake } = await started(3)
    expect(await wake({ full: true })).toMatchObject({
      reacted: { kind: 'idle' },
      log: [`get ${commit(2)}`, expect.stringMatching(/^list _delta_log\/ > /)],
      glue: ['GetTable'],
    })
  })

  test('catches up after a lost event', async () => {
    const { store, wake, columns } = await started()
    put(store, 1, ['id', 'delay'])
    put(store, 2)
    await wake({ full: true })
    expect(columns()).toEqual(['id', 'delay'])
  })

  test('creates a table again that was dropped by hand', async () => {
    const { store, wake, glue, columns } = await started(1)
    put(store, 1)
    await wake({ version: 1 })
    glue.drop('silver', 'flights')
    expect((await wake({ full: true })).glue).toEqual(['GetTable', 'GetDatabase', 'CreateTable'])
    expect(columns()).toEqual(two)
  })

  test('repairs columns that were changed by hand, without reading the schema again from the log', async () => {
    const { wake, glue, columns } = await started(3)
    glue.edit('silver', 'flights', (was) => ({ ...was, StorageDescriptor: { ...was.StorageDescriptor, Columns: [] } }))
    expect((await wake({ full: true })).log).toHaveLength(2)
    expect(columns()).toEqual(two)
  })

  test('repairs a record without the metadata it was made from', async () => {
    const { wake, glue, columns } = await started(3)
    glue.edit('silver', 'flights', (was) => ({
      ...was,
      Parameters: { team: 'x' },
      StorageDescriptor: { Location: 's3://flights-lake/silver/flights' },
    }))
    await wake({ full: true })
    expect(columns()).toEqual(two)
    expect(glue.definition('silver', 'flights')?.Parameters).toMatchObject({ team: 'x', table_type: 'delta' })
  })

  test('ignores metadata in the record that does not match the cursor', async () => {
    const { wake, glue, columns } = await started(3)
    const other = '{"type":"struct","fields":[{"name":"x","type":"string","nullable":true,"metadata":{}}]}'
    glue.edit('silver', 'flights', (was) => ({
      ...was,
      Parameters: { ...was.Parameters, 'spark.sql.sources.schema.part.0': other },
      StorageDescriptor: { ...was.StorageDescriptor, Columns: [{ Name: 'x', Type: 'string' }] },
    }))
    await wake({ full: true })
    expect(columns()).toEqual(two)
    expect(glue.definition('silver', 'flights')?.Parameters?.['spark.sql.sources.schema.part.0']).not.toBe(other)
  })

  test('of a table that does not exist yet does nothing', async () => {
    const { wake, glue } = world()
    expect(await wake({ full: true })).toMatchObject({ reacted: { kind: 'idle' }, glue: [] })
    expect(glue.databases.size).toBe(0)
  })

  test('keeps the record of a table whose log is gone', async () => {
    const { store, wake, columns } = await started()
    store.objects.clear()
    expect(await wake({ full: true })).toMatchObject({ reacted: { kind: 'idle' } })
    expect(columns()).toEqual(two)
  })

  test('notices a table that was recreated at the same location with as many versions', async () => {
    const { store, wake, columns } = await started()
    store.objects.clear()
    put(store, 0, ['fresh'], { id: 'id-2', at: EPOCH + 5000 })
    await wake({ full: true })
    expect(columns()).toEqual(['fresh'])
  })
})

describe('A table that is recreated at the same location', () => {
  test('is followed from its first commit, although its version is old', async () => {
    const { store, wake, columns, ledger } = await started(5)
    store.objects.clear()
    put(store, 0, ['fresh'], { id: 'id-2', at: EPOCH + 5000 })
    await wake({ version: 0 })
    expect(columns()).toEqual(['fresh'])
    put(store, 1, ['fresh', 'more'], { id: 'id-2', at: EPOCH + 6000 })
    expect(await wake({ version: 1 })).toMatchObject({ log: [`get ${commit(1)}`] })
    expect(columns()).toEqual(['fresh', 'more'])
    expect(await ledger.cursor({ subject, reaction: 'catalog' })).toMatchObject({ version: 1, committed: EPOCH + 6000 })
  })
})

describe('Nothing is read', () => {
  const { catalog: _none, ...uncatalogued } = flights

  test.each<[string, Table, string]>([
    ['for a table that lake.yml keeps out of the catalog', uncatalogued, subject],
    ['for a table that lake.yml no longer has', flights, 'table/gone'],
    ['for a subject of another kind', flights, 'endpoint/flights'],
    ['for a property name of JavaScript objects', flights, 'table/constructor'],
  ])('%s', async (_what, table, at) => {
    const { store, wake } = world(table)
    put(store, 0, two)
    expect(await wake({ version: 0, full: true }, at)).toEqual({
      reacted: expect.objectContaining({ kind: 'idle' }),
      log: [],
      glue: [],
    })
  })
})

describe('A lost race', () => {
  test('is observed again, and won', async () => {
    const { store, wake, glue, columns, onNextWrite } = await started()
    put(store, 1, ['id', 'delay'])
    onNextWrite(async () => glue.edit('silver', 'flights', (was) => ({ ...was, Owner: 'them' })))
    const { reacted, glue: calls } = await wake({ version: 1 })
    expect(reacted.kind).toBe('done')
    expect(calls).toEqual(['GetTable', 'UpdateTable', 'GetTable', 'UpdateTable'])
    expect(columns()).toEqual(['id', 'delay'])
    expect(glue.definition('silver', 'flights')?.['Owner']).toBe('them')
  })

  test('for the first record does not create it twice', async () => {
    const { store, wake, glue, columns, onNextWrite } = world()
    put(store, 0, two)
    const other = catalogReaction({ tables: { flights }, storeOf: () => store, glue })
    const shell = memoryShell({ lake: 'lake', now: () => EPOCH })
    onNextWrite(async () => void (await react(other, { subject, version: 0 }, shell)))
    expect((await wake({ version: 0 })).reacted.kind).toBe('done')
    expect(glue.calls.filter((call) => call === 'CreateTable')).toHaveLength(2)
    expect(glue.calls).not.toContain('UpdateTable')
    expect(columns()).toEqual(two)
  })

  test('for a table that was dropped meanwhile creates it again', async () => {
    const { store, wake, glue, columns, onNextWrite } = await started()
    put(store, 1, ['id', 'delay'])
    onNextWrite(async () => glue.drop('silver', 'flights'))
    expect((await wake({ version: 1 })).reacted.kind).toBe('done')
    expect(columns()).toEqual(['id', 'delay'])
  })
})
