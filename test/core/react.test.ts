import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Refused } from '../../src/core/refused.ts'
import { type Cursor, type Ledger, newCursor } from '../../src/core/ledger.ts'
import { ConflictError, react } from '../../src/core/react.ts'
import type { Observation, Reaction, Wake } from '../../src/core/reaction.ts'
import { memoryBus } from './bus.twin.ts'
import { memoryLedger } from './ledger.twin.ts'
import { memoryShell } from './shell.twin.ts'

const subject = 'table/flights'
const key = { subject, reaction: 'copy' }

interface Seen extends Observation {
  readonly value: string
  readonly outside: { value: string; revision: number }
}
type Write = { readonly value: string; readonly seen: number }

/** The smallest reaction: keeps an outside register equal to the source's newest version. */
function world() {
  const source: string[] = []
  const outside = { value: '', revision: 0, version: -1 }
  const ledger = memoryLedger()
  const bus = memoryBus()
  const copy: Reaction<Seen, Write & { version: number }> = {
    name: 'copy',
    async observe(wake: Wake, cursor: Cursor) {
      const version = wake.full === true ? source.length - 1 : Math.min(wake.version ?? -1, source.length - 1)
      const value = source[version]
      if (value === undefined || (version <= cursor.version && wake.full !== true)) return undefined
      if (value === 'poison') throw new Refused('poison', `version ${version} is poison`, { advice: 'Remove it.' })
      return { version, committed: version * 10, value, outside: { ...outside } }
    },
    decide({ value, version, outside: { value: found, revision } }) {
      return { actions: value === found ? [] : [{ value, seen: revision, version }], state: value }
    },
    async act({ value, seen, version }) {
      if (outside.revision !== seen) return { kind: 'conflict' }
      Object.assign(outside, { value, revision: seen + 1, version })
      return { kind: 'done' }
    },
  }
  const shell = memoryShell({ ledger, bus })
  return { source, outside, ledger, bus, copy, shell }
}

describe('react', () => {
  test('acts on a version once, and records when it was committed and done', async () => {
    const { source, outside, copy, shell, ledger } = world()
    source.push('a')
    expect(await react(copy, { subject, version: 0 }, shell)).toMatchObject({ kind: 'done', actions: 1 })
    expect(outside.value).toBe('a')
    expect(await ledger.cursor(key)).toEqual({
      ...newCursor(key),
      version: 0,
      committed: 0,
      done: 1_000,
      state: 'a',
      revision: 1,
    })
  })

  test('writes nothing for a repeated event, or for a sweep that finds no difference', async () => {
    const { source, copy, shell, ledger } = world()
    source.push('a')
    await react(copy, { subject, version: 0 }, shell)
    for (const wake of [
      { subject, version: 0 },
      { subject, full: true },
    ])
      expect(await react(copy, wake, shell)).toMatchObject({ kind: 'idle' })
    expect((await ledger.cursor(key)).revision).toBe(1)
  })

  test('writes nothing for an event about a version that is not there yet', async () => {
    const { copy, shell, ledger } = world()
    expect(await react(copy, { subject, version: 3 }, shell)).toMatchObject({ kind: 'idle' })
    expect((await ledger.cursor(key)).revision).toBe(0)
  })

  test('publishes and records a refusal once, however often it is met, and clears it when it is over', async () => {
    const { source, copy, shell, ledger, bus } = world()
    source.push('poison')
    for (let i = 0; i < 3; i++)
      expect(await react(copy, { subject, version: 0 }, shell)).toMatchObject({ kind: 'refused' })
    expect(bus.published).toEqual([
      {
        type: 'Reaction Refused',
        detail: {
          lake: 'test',
          subject,
          reaction: 'copy',
          version: 0,
          code: 'poison',
          reason: 'version 0 is poison',
          advice: 'Remove it.',
        },
      },
    ])
    expect((await ledger.cursor(key)).refusal).toMatchObject({ code: 'poison', since: 1_000 })
    source.push('fine')
    await react(copy, { subject, version: 1 }, shell)
    expect(await ledger.cursor(key)).not.toHaveProperty('refusal')
  })

  test('cuts a refusal that quotes megabytes, so that it fits a fact and the ledger', async () => {
    const { copy, shell, ledger, bus } = world()
    const loud = { ...copy, observe: () => Promise.reject(new Refused('loud', 'x'.repeat(3_000_000))) }
    for (let i = 0; i < 2; i++) expect(await react(loud, { subject }, shell)).toMatchObject({ kind: 'refused' })
    expect(bus.published).toHaveLength(1)
    expect(JSON.stringify(bus.published).length).toBeLessThan(3_000)
    expect((await ledger.cursor(key)).refusal?.reason.length).toBeLessThan(3_000)
  })

  test('does not record a refusal that could not be published', async () => {
    const { source, copy, shell, ledger } = world()
    source.push('poison')
    const bus = { publish: async () => [new Error('bus is down')] }
    await expect(react(copy, { subject, version: 0 }, { ...shell, bus })).rejects.toThrow('bus is down')
    expect((await ledger.cursor(key)).revision).toBe(0)
  })

  test('throws what may succeed later, and leaves the cursor', async () => {
    const { source, copy, shell, ledger } = world()
    source.push('a')
    const failing = { ...copy, act: () => Promise.reject(new Error('throttled')) }
    await expect(react(failing, { subject, version: 0 }, shell)).rejects.toThrow('throttled')
    expect((await ledger.cursor(key)).revision).toBe(0)
  })

  test('leaves a race that it keeps losing to the queue', async () => {
    const { source, copy, shell } = world()
    source.push('a')
    const contended = { ...copy, act: async () => ({ kind: 'conflict' as const }) }
    await expect(react(contended, { subject, version: 0 }, shell)).rejects.toThrow(ConflictError)
  })

  test('repairs what a worker undid that acted on an older version and lost the race', async () => {
    const { source, outside, copy, shell, ledger } = world()
    source.push('a', 'b', 'a')
    await react(copy, { subject, version: 0 }, shell)
    // The slow worker has written `b` when the fast one records version 2, which needs `a`.
    const slow: Ledger = {
      ...ledger,
      save: async (next) => {
        if (next.version === 1) await ledger.save({ ...(await ledger.cursor(key)), version: 2, state: 'a' })
        return ledger.save(next)
      },
    }
    await react(copy, { subject, version: 1 }, { ...shell, ledger: slow })
    expect(outside.value).toBe('a')
  })

  test('reaches the newest version in any interleaving of concurrent workers', async () => {
    const history = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        history,
        fc.array(fc.nat(4), { maxLength: 6 }),
        async (scheduler, values, hints) => {
          const { source, outside, copy, shell, ledger } = world()
          source.push(...values)
          const slowly = <F extends (...args: never[]) => Promise<unknown>>(call: F) =>
            scheduler.scheduleFunction(call) as F
          const reaction = { ...copy, observe: slowly(copy.observe), act: slowly(copy.act) }
          const slow = { ...shell, ledger: { ...ledger, cursor: slowly(ledger.cursor), save: slowly(ledger.save) } }
          const workers = hints.map((version) => react(reaction, { subject, version }, slow))
          await scheduler.waitFor(Promise.allSettled(workers))
          await react(copy, { subject, full: true }, shell)
          expect(outside.value).toBe(values.at(-1))
          expect((await ledger.cursor(key)).version).toBe(values.length - 1)
        },
      ),
      { numRuns: 500, seed: 20_261_122 },
    )
  })
})

/** Copies one version of its source per round; `fail` says which calls fail. */
function backlog(length: number, fail: (version: number) => Error | undefined = () => undefined) {
  const acted: number[] = []
  const shell = memoryShell({})
  const reaction: Reaction<Observation, number> = {
    name: 'copy',
    async observe(_, { version }) {
      return version + 1 < length ? { version: version + 1, committed: version } : undefined
    },
    decide: ({ version }) => ({ actions: [version], state: `s${version}`, more: version + 1 < length }),
    async act(version) {
      const cause = fail(version)
      if (cause !== undefined) {
        const reached = { version: version - 0.5, committed: 7, state: 'half' }
        return { kind: 'partial', reached, cause }
      }
      acted.push(version)
      return { kind: 'done' }
    },
  }
  const run = () => react(reaction, { subject, version: 3 }, shell)
  return { run, acted, shell }
}

describe('a backlog', () => {
  test('is processed in rounds, each recorded before the next', async () => {
    const { run, acted, shell } = backlog(5)
    expect(await run()).toMatchObject({ kind: 'done', cursor: { version: 4 } })
    expect(acted).toEqual([0, 1, 2, 3, 4])
    expect((await shell.ledger.cursor(key)).revision).toBe(5)
    expect(shell.later).toEqual([])
  })

  test('that is too long for one message wakes the reaction again, and does not fail the message', async () => {
    const { run, acted, shell } = backlog(50)
    expect(await run()).toMatchObject({ kind: 'done', cursor: { version: 19 } })
    expect(acted).toHaveLength(20)
    expect(shell.later).toEqual([{ wake: { subject }, delay: 0 }])
  })

  test('of which an action processed a part keeps that part, and throws the error', async () => {
    const cause = new Error('half of it')
    const { run, shell } = backlog(5, (version) => (version === 2 ? cause : undefined))
    await expect(run()).rejects.toBe(cause)
    expect(await shell.ledger.cursor(key)).toMatchObject({ version: 1.5, committed: 7, state: 'half', revision: 3 })
  })
})
