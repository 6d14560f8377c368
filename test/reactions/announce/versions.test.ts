import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { landingVersions } from '../../../src/reactions/announce/landing-versions.ts'
import { ROUND } from '../../../src/reactions/announce/versions.ts'
import {
  type Action,
  add,
  classicKey,
  commitKey,
  features,
  lines,
  logOf,
  metaData,
  parquet,
  protocol,
  putHint,
  start,
  writtenAt,
} from '../../tables/delta/log-builder.ts'
import { memoryLandingLog } from '../../tables/landing/landing-log.twin.ts'
import { info, summaries } from './given.ts'

const file = (version: number): readonly Action[] => [add(`f${version}`)]
const appends = (count: number): (readonly Action[])[] => [start, ...Array.from({ length: count }, (_, i) => file(i))]
const numbers = (facts: readonly { version: number }[]) => facts.map(({ version }) => version)
/** A log that was cleaned up before version `first`, with a checkpoint there. */
function cleaned(first: number, count: number) {
  const store = logOf(appends(count))
  store.put(classicKey(first), parquet([...start, ...file(0)]), writtenAt(first))
  putHint(store, first)
  for (let version = 0; version < first; version++) store.objects.delete(commitKey(version))
  return store
}

describe('the versions of a Delta table', () => {
  test('start at the beginning of a short history, and at the newest version of a long one', async () => {
    expect(await deltaVersions(logOf(appends(50))).begin()).toEqual({ after: -1 })
    expect(await deltaVersions(logOf(appends(500))).begin()).toEqual({ after: 499 })
    expect(await deltaVersions(cleaned(20, 30)).begin()).toEqual({ after: 29 })
    expect(await deltaVersions(logOf([])).begin()).toBeUndefined()
  })

  test('begin there too when the newest version is refused, so that those before it are not lost', async () => {
    const unreadable = [features(['fromTheFuture'])]
    const short = deltaVersions(logOf([...appends(5), unreadable]))
    expect(await short.begin()).toEqual({ after: -1 })
    expect(numbers((await short.read({ after: -1 }))!.versions.map(({ summary }) => summary))).toEqual([
      0, 1, 2, 3, 4, 5,
    ])
    expect(await deltaVersions(logOf([...appends(500), unreadable])).begin()).toEqual({ after: 500 })
  })

  test('are read in order, in rounds, without a gap or a repeat', async () => {
    const source = deltaVersions(logOf(appends(600)))
    const first = await source.read({ after: -1 })
    expect([first?.versions.length, first?.more]).toEqual([ROUND.versions, true])
    expect(numbers(await summaries(source))).toEqual(Array.from({ length: 601 }, (_, i) => i))
    expect(numbers(await summaries(source, 590))).toEqual([591, 592, 593, 594, 595, 596, 597, 598, 599, 600])
  })

  test('cost one LIST per round and one GET per version', async () => {
    const store = logOf(appends(20))
    const source = deltaVersions(store)
    const state = (await source.read({ after: -1 }))!.versions.at(-1)!.reached.state
    store.put(commitKey(21), lines(file(21)), writtenAt(21))
    store.calls.length = 0
    expect(numbers(await summaries(source, 20, state))).toEqual([21])
    expect(store.calls).toEqual([`list _delta_log/ > _delta_log/${'20'.padStart(20, '0')}`, `get ${commitKey(21)}`])
  })

  test('are the same for small commits and for large ones, which are streamed', async () => {
    const large = [...start, info('WRITE'), ...Array.from({ length: 60_000 }, (_, i) => add(`part-${i}-é.parquet`))]
    const store = logOf([large, file(1)])
    const [fact, next] = await summaries(deltaVersions(store))
    expect(fact).toMatchObject({ operation: 'WRITE', files: { added: 60_000 }, rows: { added: 600_000 } })
    expect(next).toMatchObject({ version: 1, files: { added: 1 } })
    expect(store.calls).not.toContain(`get ${commitKey(0)}`)
    expect(store.calls.filter((call) => call === `slice ${commitKey(0)}`).length).toBeGreaterThan(1)
  })

  test('of a line without an end are refused before it is held', async () => {
    const store = logOf([start])
    store.put(commitKey(1), new Uint8Array(80_000_000).fill(0x5b), writtenAt(1))
    await expect(deltaVersions(store).read({ after: 0 })).rejects.toMatchObject({ code: 'not-json' })
    expect(store.calls.filter((call) => call === `slice ${commitKey(1)}`).length).toBeLessThan(5)
  })

  test('report the versions that were cleaned up before they were read', async () => {
    const facts = await summaries(deltaVersions(cleaned(20, 22)), 4)
    expect(facts.map(({ version, missed }) => [version, missed])).toEqual([
      [20, { from: 5, to: 19 }],
      [21, undefined],
      [22, undefined],
    ])
  })

  test('have the differences to the version before: null if that is gone, absent if nothing changed', async () => {
    const wide = metaData({ configuration: { a: '1' } })
    const store = logOf([start, [wide], [wide], [protocol({ minWriterVersion: 4 })]])
    const facts = await summaries(deltaVersions(store))
    expect(facts.map(({ schema, properties }) => [schema?.added?.count, properties?.count])).toEqual([
      [2, undefined],
      [undefined, 1],
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(facts.map((fact) => fact.protocol?.from?.minWriterVersion)).toEqual([undefined, undefined, undefined, 2])
    // Read one version at a time, each fact is the same.
    for (const fact of facts) expect((await summaries(deltaVersions(store), fact.version - 1))[0]).toEqual(fact)

    const gone = cleaned(20, 22)
    gone.put(commitKey(20), lines([wide]), writtenAt(20))
    expect((await summaries(deltaVersions(gone), 19))[0]).toMatchObject({ version: 20, schema: null, properties: null })
  })

  test('a table whose first version has no schema, as a streaming table of Databricks, is read all the same', async () => {
    const store = logOf([[protocol(), metaData({ schemaString: undefined })], [metaData()], file(2)])
    const facts = await summaries(deltaVersions(store))
    expect(facts.map(({ version, schema }) => [version, schema?.added?.count])).toEqual([
      [0, undefined],
      [1, 2],
      [2, undefined],
    ])
    expect((await summaries(deltaVersions(store), 0))[0]).toMatchObject({ version: 1, schema: null })
  })

  test('have the new name of a mapped partition column from the commit that renames it', async () => {
    const named = (name: string) =>
      metaData({
        schemaString: JSON.stringify({
          type: 'struct',
          fields: [{ name, type: 'string', nullable: true, metadata: { 'delta.columnMapping.physicalName': 'p1' } }],
        }),
        partitionColumns: [name],
        configuration: { 'delta.columnMapping.mode': 'name' },
      })
    const part = (path: string) => add(path, { partitionValues: { p1: 'x' } })
    const commits = [[protocol(), named('day'), part('a')], [part('b')], [named('date'), part('c')], [part('d')]]
    const names = (await summaries(deltaVersions(logOf(commits)))).map(({ partitions }) => partitions.first)
    expect(names).toEqual([[{ day: 'x' }], [{ day: 'x' }], [{ date: 'x' }], [{ date: 'x' }]])
  })

  test('have the names of partition columns that were changed within a gap', async () => {
    const mapped = (name: string) => ({
      schemaString: JSON.stringify({
        type: 'struct',
        fields: [{ name, type: 'string', nullable: true, metadata: { 'delta.columnMapping.physicalName': 'p1' } }],
      }),
      partitionColumns: [name],
      configuration: { 'delta.columnMapping.mode': 'name' },
    })
    const part = (path: string) => [add(path, { partitionValues: { p1: 'x' } })]
    const store = logOf([[protocol(), metaData(mapped('day')), ...part('a')], part('b')])
    const state = (await deltaVersions(store).read({ after: -1 }))!.versions.at(-1)!.reached.state
    for (const version of [2, 3]) store.put(commitKey(version), lines(part(`f${version}`)), writtenAt(version))
    store.put(classicKey(2), parquet([protocol(), metaData(mapped('date')), ...part('a')]), writtenAt(2))
    store.objects.delete(commitKey(2))
    expect(await summaries(deltaVersions(store), 1, state)).toMatchObject([
      { version: 3, missed: { from: 2, to: 2 }, partitions: { first: [{ date: 'x' }] } },
    ])
  })

  test('have the time in the commit, if there is one', async () => {
    const facts = await summaries(deltaVersions(logOf([start, [info('WRITE', { inCommitTimestamp: 5 })]])))
    expect(facts.map(({ timestamp }) => timestamp)).toEqual([writtenAt(0), 5])
  })

  test('a time in the commit that no calendar has is ignored', async () => {
    const inCommitTimestamp = 8_640_000_000_000_001
    const facts = await summaries(deltaVersions(logOf([start, [info('WRITE', { inCommitTimestamp })]])))
    expect(facts.map(({ timestamp }) => timestamp)).toEqual([writtenAt(0), writtenAt(1)])
  })

  test('before an unreadable one are returned; then that is refused', async () => {
    const source = deltaVersions(logOf([start, file(1), [features(['fromTheFuture'])], file(3)]))
    const { versions, more } = (await source.read({ after: -1 }))!
    expect([versions.map(({ reached }) => reached.version), more]).toEqual([[0, 1], true])
    await expect(source.read({ after: 1 })).rejects.toThrow(Refused)
  })

  test('start again with other ids if the table was recreated, even if it has more versions by now', async () => {
    const [old, other] = [appends(3), [protocol(), metaData({ id: 'other' })]]
    const before = await summaries(deltaVersions(logOf(old)))
    const state = (await deltaVersions(logOf(old)).read({ after: -1 }))!.versions.at(-1)!.reached.state
    for (const count of [1, 9]) {
      const anew = logOf([])
      for (const [at, actions] of [other, ...appends(count).slice(1)].entries())
        anew.put(commitKey(at), lines(actions), writtenAt(100 + at))
      const facts = await summaries(deltaVersions(anew), 3, state)
      expect(numbers(facts)).toEqual(Array.from({ length: count + 1 }, (_, i) => i))
      expect(facts[0]!.id).not.toBe(before[0]!.id)
    }
  })

  test('continue if the log was restored from a copy with other times', async () => {
    const state = (await deltaVersions(logOf(appends(3))).read({ after: -1 }))!.versions.at(-1)!.reached.state
    const copied = logOf([])
    for (const [at, actions] of appends(4).entries()) copied.put(commitKey(at), lines(actions), 5)
    expect(numbers(await summaries(deltaVersions(copied), 3, state))).toEqual([4])
  })

  test('have ids that depend only on the commit: equal when repeated, and otherwise unique', async () => {
    const [once, twice] = [
      await summaries(deltaVersions(logOf(appends(20)))),
      await summaries(deltaVersions(logOf(appends(20))), 10),
    ]
    expect(once.slice(11).map(({ id }) => id)).toEqual(twice.map(({ id }) => id))
    expect(new Set(once.map(({ id }) => id)).size).toBe(21)
  })

  test('report a commit as missed if it is deleted while it is read, after a retry', async () => {
    const store = cleaned(20, 22)
    store.onCall = (call) => call === `get ${commitKey(20)}` && store.objects.delete(commitKey(20))
    await expect(deltaVersions(store).read({ after: 19 })).rejects.toThrow(/is gone/)
    store.onCall = () => undefined
    expect((await summaries(deltaVersions(store), 19))[0]).toMatchObject({ version: 21, missed: { from: 20, to: 20 } })
  })

  test('after a gap without a checkpoint are refused, since the state of the table is unknown', async () => {
    const store = logOf(appends(4))
    store.objects.delete(commitKey(2))
    await expect(deltaVersions(store).read({ after: 1 })).rejects.toThrow(Refused)
  })
})

describe('the versions of a table of files', () => {
  const uploads = { name: 'uploads', partitions: ['dt'] }
  const location = 's3://raw/uploads'
  const landed = (version: number, added: readonly string[], removed: readonly string[] = []) => ({
    version,
    timestamp: 1_000 + version,
    added: added.map((path) => ({ path, size: 10 })),
    removed,
    ...(removed.length > 0 && { removedBytes: 10 * removed.length }),
  })
  async function log(...all: ReturnType<typeof landed>[]) {
    const store = memoryLandingLog()
    for (const each of all) {
      const keys = [...new Set([...each.added.map(({ path }) => path), ...each.removed])]
      await store.append(
        'uploads',
        each,
        keys.map((key) => ({
          key: `${key}#${each.version}`,
          size: 0,
          sequencer: '',
          version: each.version,
          revision: 0,
          at: 0,
        })),
      )
    }
    return store
  }

  test('have the added, removed and replaced files', async () => {
    const store = await log(
      landed(0, ['dt=1/a', 'dt=1/b', 'dt=2/c']),
      landed(1, ['dt=1/a'], ['dt=1/a']),
      landed(2, [], ['dt=2/c']),
    )
    const facts = await summaries(landingVersions(store, uploads, location))
    expect(facts).toMatchObject([
      {
        version: 0,
        timestamp: 1_000,
        operation: 'ADD FILES',
        dataChange: true,
        files: { added: 3, removed: 0, updated: 0 },
        bytes: { added: 30, removed: 0 },
        rows: { added: null, removed: 0 },
        partitions: { count: 2, first: [{ dt: '1' }, { dt: '2' }] },
      },
      { operation: 'REPLACE FILES', files: { added: 1, removed: 1 }, bytes: { added: 10, removed: 10 } },
      { operation: 'REMOVE FILES', files: { added: 0, removed: 1 }, partitions: { count: 1, first: [{ dt: '2' }] } },
    ])
    expect(new Set(facts.map(({ id }) => id)).size).toBe(3)
  })

  test('of a log without sizes have an unknown number of removed bytes', async () => {
    const { removedBytes: _unknown, ...old } = landed(1, [], ['dt=1/a'])
    const store = await log(landed(0, ['dt=1/a']), old)
    expect((await summaries(landingVersions(store, uploads, location)))[1]).toMatchObject({ bytes: { removed: null } })
  })

  test('report the versions that expired before they were read, and are read in rounds', async () => {
    const store = await log(...Array.from({ length: 600 }, (_, i) => landed(i, [`dt=1/${i}`])))
    expect(await landingVersions(store, uploads, location).begin()).toEqual({ after: 598 })
    await store.expire('uploads', 299, 300)
    const facts = await summaries(landingVersions(store, uploads, location), 3)
    expect(numbers(facts)).toEqual(Array.from({ length: 300 }, (_, i) => 300 + i))
    expect(facts.filter(({ missed }) => missed)).toMatchObject([{ version: 300, missed: { from: 4, to: 299 } }])
  })

  test('start at the beginning of a short history, if that has not expired', async () => {
    const store = await log(...Array.from({ length: 9 }, (_, i) => landed(i, [`dt=1/${i}`])))
    const source = landingVersions(store, uploads, location)
    expect(await source.begin()).toEqual({ after: -1 })
    await store.expire('uploads', 3, 9)
    expect(await source.begin()).toEqual({ after: 7 })
    expect(await landingVersions(memoryLandingLog(), uploads, location).begin()).toBeUndefined()
  })
})
