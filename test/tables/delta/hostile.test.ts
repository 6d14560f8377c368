import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { readChange } from '../../../src/tables/delta/change.ts'
import { PathArena } from '../../../src/tables/delta/arena.ts'
import { readActions } from '../../../src/tables/delta/commit.ts'
import { Held, HeldFiles, SharedValues } from '../../../src/tables/delta/held.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import { column } from '../parquet/forged.ts'
import { MemoryStore } from '../table-store.twin.ts'
import {
  add,
  commitKey,
  features,
  key,
  lines,
  logOf,
  metaData,
  pad,
  parquet,
  protocol,
  start,
  UUID,
  writtenAt,
} from './log-builder.ts'

const MIB = 1024 * 1024
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it was read',
    (error: { code?: string }) => error.code ?? 'it failed',
  )

const manifest = (version: number) => key(`${pad(version)}.checkpoint.${UUID}.json`)

describe('a log that would take hours', () => {
  test('a gap of nine quadrillion versions is judged at once', async () => {
    const store = logOf([start])
    store.put(commitKey(Number.MAX_SAFE_INTEGER), lines([metaData()]))
    await expect(readState(store)).rejects.toMatchObject({
      code: 'version-gap',
      detail: { found: `version gap 1..${Number.MAX_SAFE_INTEGER - 1}` },
    })
  })

  test('a gap ends before the next commit that is there', async () => {
    const store = logOf([start])
    for (const version of [4, 6]) store.put(commitKey(version), lines([metaData()]))
    await expect(readState(store)).rejects.toMatchObject({ detail: { found: 'version gap 1..3' } })
    await expect(readState(store, 5)).rejects.toMatchObject({ detail: { found: 'version gap 1..3' } })
  })

  test('a thousand broken checkpoints do not cost a thousand readings of the commits', async () => {
    const store = logOf([start, [add('a')], [add('b')]])
    for (let at = 0; at < 1000; at += 1)
      store.put(key(`${pad(0)}.checkpoint.80a083e8-7026-4e79-81be-${String(at).padStart(12, '0')}.parquet`), 'x')
    expect((await readSnapshot(store)).totals.files).toBe(2)
    expect(store.calls.length).toBeLessThan(200)
  })

  test('nobody can choose paths of one hash: it begins with a secret', () => {
    const fnv1a = (text: string) =>
      new TextEncoder().encode(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5)
    const [arena, path] = [new PathArena(), new TextEncoder().encode('part-0.parquet')]
    const hash = arena.hash(arena.place(path, 0, path.length), undefined)
    expect(hash).not.toBe(fnv1a('part-0.parquet') ^ (fnv1a('part-0.parquet') >>> 15))
    expect(arena.hash(arena.place(path, 0, path.length), undefined)).toBe(hash)
  })
})

test.each([9e15, 1e300, 0.5, '5', null])(
  'a checksum with the time %p, which no date can have, is not used',
  async (time) => {
    const store = new MemoryStore()
    const head = [
      features(['v2Checkpoint'], ['v2Checkpoint', 'inCommitTimestamp']),
      metaData({ configuration: { 'delta.enableInCommitTimestamps': 'true' } }),
    ]
    store.put(manifest(5), lines(head), writtenAt(5))
    store.put(key(`${pad(5)}.crc`), JSON.stringify({ inCommitTimestampOpt: time }))
    expect((await readState(store)).timestamp).toBe(writtenAt(5))
  },
)

describe('a log that would not fit into memory', () => {
  test('of sidecars, only the path is kept, and only of so many', () => {
    const bytes = (count: number) => new TextEncoder().encode('{"sidecar":{"path":"a","x":[[],[]]}}\n'.repeat(count))
    expect(readActions('k', bytes(2)).sidecars).toEqual(['a', 'a'])
    expect(readActions('k', new TextEncoder().encode('{"sidecar":{"path":[[]]}}')).sidecars).toEqual([null])
    expect(() => readActions('k', bytes(100_001))).toThrow(/sidecar: expected at most 100000/)
  })

  test('a sidecar that is named twice is read once', async () => {
    const store = logOf([[]], 5)
    const sidecar = { sidecar: { path: 'a.parquet', sizeInBytes: 1, modificationTime: 0 } }
    store.put(manifest(5), lines([features(['v2Checkpoint']), metaData(), sidecar, sidecar]))
    store.put(key('_sidecars/a.parquet'), parquet([add('a'), add('b')]))
    expect((await readSnapshot(store)).totals.files).toBe(2)
  })

  test('large commits are fetched one after the other', async () => {
    const store = new MemoryStore()
    const large = `{"commitInfo":{"x":"${'y'.repeat(15 * MIB)}"}}\n{"commitInfo":{"x":"${'y'.repeat(2 * MIB)}"}}\n`
    for (const version of [1, 2, 3]) store.put(commitKey(version), version === 2 ? lines([add('a')]) : large)
    let [fetching, together] = [0, 0]
    const get = store.get.bind(store)
    store.get = async (one, most) => {
      if (most !== undefined) return get(one, most)
      together = Math.max(together, (fetching += 1))
      await setImmediate()
      fetching -= 1
      return get(one)
    }
    expect((await readChange(store, 0, 3))?.added).toHaveLength(1)
    expect(together).toBe(1)
  })

  test('the parts of a checkpoint share what their bytes are worth', async () => {
    const store = logOf([[]], 5)
    const part = (at: number) => key(`${pad(5)}.checkpoint.000000000${at}.0000000003.parquet`)
    const claims = (rows: number) => column({ rows, pages: [] })
    store.put(part(1), parquet([protocol(), metaData(), add('a')]))
    store.put(part(2), claims(600_000))
    store.put(part(3), claims(600))
    expect((await readSnapshot(store)).totals.files).toBe(1)
    store.put(part(3), claims(600_000))
    await expect(readSnapshot(store)).rejects.toMatchObject({
      code: 'broken-checkpoint',
      message: expect.stringMatching(/bytes claim 600000 rows: expected at most 2 for each byte/) as unknown,
    })
  })

  test('what is held at a time is limited, and what is let go no longer counts', async () => {
    const files = new HeldFiles(new Held(1000))
    files.set('a', { path: 'a' })
    files.set('a', { path: 'a' })
    files.set('b', { path: 'b' })
    files.delete('a')
    files.set('c', { path: 'c' })
    const values = new SharedValues(new Held(1000))
    for (let at = 0; at < 100; at += 1) expect(values.of({ day: '1' })).toBe(values.of({ day: '1' }))
    expect(() => values.of({ day: 'x'.repeat(1000) })).toThrow(/more files at a time than fit into memory/)
    expect(files.values()).toEqual([{ path: 'b' }, { path: 'c' }])
    expect(await codeOf(Promise.resolve().then(() => files.set('d', { path: 'x'.repeat(200) })))).toBe('too-many-files')
  })
})
