import { describe, expect, test } from '@jest/globals'
import type { Bus } from '../../../src/core/bus.ts'
import { react } from '../../../src/core/react.ts'
import type { Shell } from '../../../src/core/shell.ts'
import type { Table } from '../../../src/lake/lake.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { announceReaction } from '../../../src/reactions/announce/reaction.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'
import { add, commitKey, features, lines, logOf, start, writtenAt } from '../../tables/delta/log-builder.ts'
import { flights } from './given.ts'

const subject = 'table/flights'
const key = { subject, reaction: 'announce' }

/** A table with `count` versions after the first. */
function world(count: number, table: Table = flights) {
  const store = logOf([start])
  const append = (versions: number) => {
    for (const last = store.objects.size + versions - 1; store.objects.size <= last;) {
      const version = store.objects.size
      store.put(commitKey(version), lines([add(`f${version}`)]), writtenAt(version))
    }
  }
  append(count)
  const bus = memoryBus()
  const calls: number[] = []
  /** Replaces one call of the bus: throws, or returns another result. */
  const failing: { next: (call: number) => 'ok' | 'fails' | number } = { next: () => 'ok' }
  const flaky: Bus = {
    async publish(facts) {
      const fault = failing.next(calls.push(facts.length))
      if (fault === 'fails') throw new Error('EventBridge is down')
      const failed = fault === 'ok' ? undefined : facts[fault]
      const taken = await bus.publish(facts.filter((each) => each !== failed))
      return failed === undefined ? taken : facts.map((each) => (each === failed ? new Error('throttled') : undefined))
    },
  }
  const shell: Shell & { later: unknown[] } = memoryShell({ bus: flaky })
  const reaction = announceReaction({
    lake: 'test',
    tables: { flights: table },
    versionsOf: () => deltaVersions(store),
    bus: flaky,
  })
  return {
    store,
    append,
    bus,
    calls,
    failing,
    shell,
    wake: (version?: number) => react(reaction, { subject, version }, shell),
    cursor: () => shell.ledger.cursor(key),
    published: () => bus.published.map(({ detail }) => (detail as { version: number }).version),
  }
}

const upTo = (last: number) => Array.from({ length: last + 1 }, (_, i) => i)

describe('announce', () => {
  test('publishes each version once and in order, whichever version the event has', async () => {
    const { wake, append, published, cursor, bus } = world(2)
    await wake(0)
    expect(published()).toEqual([0, 1, 2])
    append(3)
    await wake(5)
    expect(await wake(4)).toMatchObject({ kind: 'idle' })
    expect(published()).toEqual(upTo(5))
    expect((await cursor()).version).toBe(5)
    expect(bus.published[0]).toMatchObject({
      type: 'Table Committed',
      detail: { lake: 'test', table: 'flights', location: 's3://lake/table', format: 'delta', version: 0 },
    })
  })

  test('remembers the table, so that the next version costs a LIST and a GET', async () => {
    const { wake, append, store } = world(2)
    await wake(2)
    append(1)
    store.calls.length = 0
    await wake(3)
    expect(store.calls).toEqual([expect.stringMatching(/^list /), `get ${commitKey(3)}`])
  })

  test('starts at the newest version of a long history', async () => {
    const { wake, append, published } = world(500)
    await wake()
    append(2)
    await wake()
    expect(published()).toEqual([500, 501, 502])
  })

  test('continues from the cursor that a replay has set, even from the first version', async () => {
    const { wake, shell, published, bus } = world(120)
    await wake()
    const ids = bus.published.map(({ detail }) => (detail as { id: string }).id)
    for (const version of [118, -1]) {
      const { state: _, ...cursor } = await shell.ledger.cursor(key)
      await shell.ledger.save({ ...cursor, version })
      await wake()
    }
    expect(published()).toEqual([120, 119, 120, ...upTo(120)])
    const again = bus.published.filter(({ detail }) => (detail as { version: number }).version === 120)
    expect(new Set(again.map(({ detail }) => (detail as { id: string }).id))).toEqual(new Set(ids))
  })

  test('ignores a table that does not exist or is not announced', async () => {
    const { announce: _, ...quiet } = flights
    const { wake, published, cursor } = world(2, quiet)
    expect(await wake()).toMatchObject({ kind: 'idle' })
    expect([published(), (await cursor()).revision]).toEqual([[], 0])
    const none = world(0)
    none.store.objects.clear()
    expect(await none.wake()).toMatchObject({ kind: 'idle' })
  })

  test('publishes in batches of ten', async () => {
    const { wake, calls } = world(24)
    await wake()
    expect(calls).toEqual([10, 10, 5])
  })

  test('after a failed batch, the earlier batches stay recorded and only the rest is retried', async () => {
    const { wake, cursor, failing, published, calls } = world(39)
    failing.next = (call) => (call === 3 ? 'fails' : 'ok')
    await expect(wake()).rejects.toThrow('EventBridge is down')
    expect(await cursor()).toMatchObject({ version: 19, committed: writtenAt(19) })
    expect(calls).toEqual([10, 10, 10])
    await wake()
    expect(published()).toEqual(upTo(39))
  })

  test('if the bus rejects one fact of a batch, the cursor moves to the version before it', async () => {
    const { wake, cursor, failing, published } = world(19)
    failing.next = (call) => (call === 2 ? 4 : 'ok')
    await expect(wake()).rejects.toThrow('throttled')
    expect((await cursor()).version).toBe(13)
    await wake()
    expect(published()).toEqual([...upTo(13), 15, 16, 17, 18, 19, 14, 15, 16, 17, 18, 19])
  })

  test('records nothing if the bus rejects everything', async () => {
    const { wake, cursor, failing } = world(3)
    failing.next = () => 'fails'
    await expect(wake()).rejects.toThrow('EventBridge is down')
    expect((await cursor()).revision).toBe(0)
  })

  test('processes a long backlog in recorded rounds, and wakes itself again after twenty', async () => {
    const { wake, append, shell, published, cursor } = world(0)
    await wake()
    append(5_500)
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect((await cursor()).version).toBe(20 * 256)
    expect(shell.later).toMatchObject([{ wake: { subject }, delay: 0 }])
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(published()).toEqual(upTo(5_500))
    expect(shell.later).toHaveLength(1)
  }, 30_000)

  test('publishes the versions before the one that it refuses', async () => {
    const { wake, store, published, cursor } = world(0)
    await wake()
    for (const version of [1, 2]) store.put(commitKey(version), lines([add(`f${version}`)]), writtenAt(version))
    store.put(commitKey(3), lines([features(['fromTheFuture'])]), writtenAt(3))
    expect(await wake(3)).toMatchObject({ kind: 'refused', refusal: { code: 'unknown-reader-feature' } })
    expect(published().slice(0, 3)).toEqual([0, 1, 2])
    expect(await cursor()).toMatchObject({ version: 2, refusal: { code: 'unknown-reader-feature' } })
  })
})
