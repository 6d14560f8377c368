import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Refused } from '../../src/core/refused.ts'
import type { Run } from '../../src/core/ledger.ts'
import { react } from '../../src/core/react.ts'
import type { LongReaction, Observation, RunStatus, Start, Wake } from '../../src/core/reaction.ts'
import { memoryShell } from './shell.twin.ts'
import { faultOf, faulty, pauseOf } from '../world/faults.ts'

const subject = 'table/flights'
const key = { subject, reaction: 'copy' }
const pace = { lease: 60_000, poll: 30_000, backOff: 10_000, attempts: 3 }

interface OutsideRun {
  readonly after: number
  readonly version: number
  status: RunStatus
}

/** An outside system that honours tokens, as the design asks of it, and counts what took effect. */
function outside() {
  const runs = new Map<string, OutsideRun>()
  const applied = new Map<number, number>()
  return {
    runs,
    applied,
    async start(token: string, after: number, version: number): Promise<string> {
      if (!runs.has(token)) runs.set(token, { after, version, status: { kind: 'running' } })
      return token
    },
    async status(id: string): Promise<RunStatus> {
      const run = runs.get(id)
      if (run === undefined) throw new Refused('no-such-run', `there is no run ${id}`)
      return run.status
    },
    /** Ends every run that is under way. What succeeded took effect. */
    end(status: RunStatus): void {
      for (const run of runs.values()) {
        if (run.status.kind !== 'running') continue
        run.status = status
        if (status.kind === 'succeeded')
          for (let v = run.after + 1; v <= run.version; v++) applied.set(v, (applied.get(v) ?? 0) + 1)
      }
    },
  }
}

function world(decide: (observed: Observation, now: number) => Start = () => ({ kind: 'start' })) {
  const source = { newest: -1 }
  const clock = { now: 1_000_000 }
  const there = outside()
  const reactionOn = (system: Pick<typeof there, 'start' | 'status'>): LongReaction<Observation> => ({
    name: 'copy',
    pace,
    decide,
    async observe(_wake, cursor) {
      return source.newest > cursor.version ? { version: source.newest, committed: source.newest * 10 } : undefined
    },
    start: async (run: Run, cursor) => ({
      kind: 'started',
      externalId: await system.start(run.token, cursor.version, run.version),
    }),
    status: (run: Run) => system.status(run.externalId ?? ''),
  })
  const shell = memoryShell({ now: () => clock.now })
  const reaction = reactionOn(there)
  const wake = (more: Partial<Wake> = {}) => react(reaction, { subject, ...more }, shell)
  return { source, clock, there, reaction, reactionOn, shell, wake, cursor: () => shell.ledger.cursor(key) }
}

describe('a long action', () => {
  test('is recorded before it is started, and done when the outside says so', async () => {
    const { source, there, shell, wake, cursor } = world()
    source.newest = 4
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect([...there.runs.values()]).toMatchObject([{ after: -1, version: 4 }])
    expect((await cursor()).version).toBe(-1)
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(await cursor()).toMatchObject({ version: 4, committed: 40 })
    expect(shell.bus.published).toMatchObject([
      { type: 'Run Succeeded', detail: { after: -1, version: 4, attempt: 1 } },
    ])
  })

  test('what comes while it runs waits, and is taken in one go when it ends, with no event to say so', async () => {
    const { source, there, wake } = world()
    source.newest = 0
    await wake()
    for (source.newest = 1; source.newest < 9; source.newest++) await wake({ version: source.newest })
    expect(there.runs.size).toBe(1)
    there.end({ kind: 'succeeded' })
    await wake()
    expect([...there.runs.values()]).toMatchObject([
      { after: -1, version: 0 },
      { after: 0, version: 9 },
    ])
  })

  test('that failed is tried again after a growing wait, under another token, and is stuck in the end', async () => {
    const { source, clock, there, shell, wake, cursor } = world()
    source.newest = 0
    const waits: number[] = []
    for (let i = 0; i < 3; i++) {
      expect(await wake()).toMatchObject({ kind: 'running' })
      there.end({ kind: 'failed', reason: 'boom' })
      await wake()
      const { run } = await cursor()
      if (run !== undefined) waits.push(run.until - clock.now)
      clock.now += 900_000
    }
    expect(waits).toEqual([10_000, 40_000])
    expect(there.runs.size).toBe(3)
    expect((await cursor()).refusal).toMatchObject({
      code: 'stuck',
      reason: expect.stringContaining('boom'),
      advice: expect.stringContaining('landfall replay flights --from 0 --stage prod'),
    })
    expect(shell.bus.published.map(({ type }) => type)).toEqual([
      'Run Failed',
      'Run Failed',
      'Run Failed',
      'Reaction Refused',
    ])
    expect(await wake()).toMatchObject({ kind: 'refused' })
    expect(there.runs.size).toBe(3)
  })

  test('that never ran for want of a place is sent again, and that counts as no failure', async () => {
    const { source, clock, there, wake, cursor } = world()
    source.newest = 0
    for (let i = 0; i < 10; i++) {
      await wake()
      there.end({ kind: 'skipped', reason: 'busy' })
      await wake()
      clock.now += 900_000
    }
    await wake()
    expect((await cursor()).run?.attempt).toBe(1)
    there.end({ kind: 'succeeded' })
    await wake()
    expect(there.applied).toEqual(new Map([[0, 1]]))
  })

  test('whose start is refused is not claimed for ever, and its reason is published once', async () => {
    const { source, shell, reactionOn, cursor } = world()
    source.newest = 0
    const start = () => Promise.reject(new Refused('no-such-job', 'there is no job 42'))
    const reaction = reactionOn({ start, status: async () => ({ kind: 'running' }) })
    for (let i = 0; i < 3; i++) expect(await react(reaction, { subject }, shell)).toMatchObject({ kind: 'refused' })
    expect(shell.bus.published).toHaveLength(1)
    expect(await cursor()).not.toHaveProperty('run')
  })

  test('that others look at while it starts is known as soon as it has started, not when its lease is over', async () => {
    const { source, there, reactionOn, shell, wake, cursor } = world()
    source.newest = 0
    const slow = reactionOn({
      ...there,
      async start(...run) {
        const id = await there.start(...run)
        expect(await wake()).toMatchObject({ kind: 'running' })
        return id
      },
    })
    expect(await react(slow, { subject }, shell)).toMatchObject({ kind: 'running' })
    expect((await cursor()).run?.externalId).toBeDefined()
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
  })

  test('whose start is refused while others look is refused at once', async () => {
    const { source, there, reactionOn, shell, wake } = world()
    source.newest = 0
    const refusing = reactionOn({
      ...there,
      async start() {
        await wake()
        throw new Refused('no-such-job', 'there is no such job')
      },
    })
    expect(await react(refusing, { subject }, shell)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'no-such-job' },
    })
  })

  test('that the outside has forgotten has failed, and is not asked after for ever', async () => {
    const { source, there, shell, wake } = world()
    source.newest = 0
    await wake()
    there.runs.clear()
    await wake()
    expect(shell.bus.published).toMatchObject([
      { type: 'Run Failed', detail: { reason: expect.stringContaining('there is no run') } },
    ])
  })

  test('that cannot be asked after, since nobody takes the credentials, is not started a second time beside itself', async () => {
    const { source, clock, there, shell, reactionOn, wake, cursor } = world()
    source.newest = 0
    await wake()
    const status = () => Promise.reject(new Refused('unauthorized', 'the token is not taken'))
    const blind = reactionOn({ start: there.start, status })
    for (let i = 0; i < 3; i++) {
      expect(await react(blind, { subject }, shell)).toMatchObject({ kind: 'refused' })
      clock.now += 900_000
    }
    expect(shell.bus.published.map(({ type }) => type)).toEqual(['Reaction Refused'])
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(await cursor()).not.toHaveProperty('refusal')
    there.end({ kind: 'succeeded' })
    expect(await wake()).toMatchObject({ kind: 'done' })
    expect(there.runs.size).toBe(1)
  })

  test('that could not be started fails each time that it is tried, so that its message is given up in the end', async () => {
    const { source, there, shell, reactionOn, wake } = world()
    source.newest = 0
    const tokens: string[] = []
    const start = (token: string) => {
      tokens.push(token)
      return Promise.reject(new Error('AccessDenied'))
    }
    const broken = reactionOn({ start, status: there.status })
    for (let i = 0; i < 3; i++) await expect(react(broken, { subject }, shell)).rejects.toThrow('AccessDenied')
    expect(new Set(tokens).size).toBe(1)
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect([...there.runs.keys()]).toEqual([tokens[0]])
  })

  test('that is not due yet is looked at on time, with one wake-up on its way however many events come', async () => {
    const { source, clock, shell, wake, there } = world((_observed, now) =>
      now >= 1_020_000 ? { kind: 'start' } : { kind: 'wait', until: 1_020_000 },
    )
    source.newest = 0
    for (let i = 0; i < 5; i++) {
      expect(await wake({ version: 0 })).toMatchObject({ kind: 'idle' })
      clock.now += 1_000
    }
    expect(shell.later).toEqual([{ wake: { subject }, delay: 20_000 }])
    clock.now = 1_020_000
    expect(await wake()).toMatchObject({ kind: 'running' })
    expect(there.runs.size).toBe(1)
  })

  test('a wake-up that comes a moment early sends another, instead of leaving it to the next event', async () => {
    const { source, clock, shell, wake } = world((_observed, now) =>
      now >= 1_020_000 ? { kind: 'start' } : { kind: 'wait', until: 1_020_000 },
    )
    source.newest = 0
    await wake()
    clock.now = 1_019_999
    await wake()
    expect(shell.later).toHaveLength(2)
  })

  test('what does not concern it is passed over without a run', async () => {
    const { source, there, wake, cursor } = world(() => ({ kind: 'skip' }))
    source.newest = 3
    expect(await wake()).toMatchObject({ kind: 'done', actions: 0 })
    expect(there.runs.size).toBe(0)
    expect((await cursor()).version).toBe(3)
  })
})

type Event =
  | { readonly do: 'commit' }
  | { readonly do: 'wake'; readonly workers: number; readonly commitAfter: number }
  | { readonly do: 'end'; readonly how: 'succeeded' | 'failed' | 'skipped' }
  | { readonly do: 'time'; readonly ms: number }

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'commit' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wake' as const),
      workers: fc.integer({ min: 1, max: 3 }),
      commitAfter: fc.nat(60),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      how: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const, 'skipped' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(1_000, 30_000, 61_000, 900_000) }),
  },
)
const fault = faultOf(3, 15)
const pause = pauseOf(80)

describe('runs in any history', () => {
  test('every version takes effect exactly once, through deaths, lost wake-ups, leases that run out and failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        fc.infiniteStream(fault),
        fc.infiniteStream(pause),
        async (events, faults, pauses) => {
          const { source, clock, there, reaction, reactionOn, shell, cursor } = world()
          const worker = async () => {
            const wrap = faulty(
              () => faults.next().value ?? 'none',
              () => pauses.next().value ?? 0,
            )
            const { wakeLater } = wrap({ wakeLater: shell.wakeLater })
            const inside = { ...shell, ledger: wrap(shell.ledger), bus: wrap(shell.bus), wakeLater }
            await react(reactionOn(wrap({ start: there.start, status: there.status })), { subject }, inside).catch(
              () => undefined,
            )
          }
          // A commit lands between the calls of workers, so that they see different versions; none beyond 40 calls.
          const commitSoon = async (calls: number) => {
            for (let i = 0; i < calls; i++) await Promise.resolve()
            if (calls < 40) source.newest++
          }
          for (const each of events) {
            if (each.do === 'commit') source.newest++
            else if (each.do === 'time') clock.now += each.ms
            else if (each.do === 'end')
              there.end(each.how === 'succeeded' ? { kind: 'succeeded' } : { kind: each.how, reason: 'why' })
            // Leases run out while their holders still work: time passes between any two workers' calls.
            else await Promise.all([...Array.from({ length: each.workers }, worker), commitSoon(each.commitAfter)])
            for (const count of there.applied.values()) expect(count).toBe(1)
            expect((await cursor()).version).toBeLessThanOrEqual(source.newest)
          }
          // Calm weather: an operator lifts what is stuck, sweeps come, runs succeed.
          for (let i = 0; i < 6; i++) {
            const stuck = await cursor()
            if (stuck.refusal !== undefined) {
              const { refusal: _lifted, ...rest } = stuck
              await shell.ledger.save(rest)
            }
            clock.now += 900_000
            await react(reaction, { subject, full: true }, shell)
            there.end({ kind: 'succeeded' })
          }
          expect((await cursor()).version).toBe(source.newest)
          expect([...there.applied.entries()].sort(([a], [b]) => a - b)).toEqual(
            Array.from({ length: source.newest + 1 }, (_, v) => [v, 1]),
          )
        },
      ),
      { numRuns: 1_000, seed: Number(process.env['SEED'] ?? 20_261_122) },
    )
  }, 120_000)
})
