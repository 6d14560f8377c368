import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { react } from '../../src/core/react.ts'
import { faultOf, faulty, pauseOf, type Fault } from '../world/faults.ts'
import { watchedLedger } from './long-run-oracle.ts'
import { type Answer, outside, pace, subject, world } from './long-run-world.ts'

const seed = Number(process.env['SEED'] ?? 20_261_122)

/** After how many turns of the event loop something happens between two calls of a worker; from 60 on, never. */
interface Meanwhile {
  readonly commit: number
  readonly expire: number
  readonly end: number
}
type Event =
  | { readonly do: 'commit' }
  | { readonly do: 'wake'; readonly workers: number; readonly meanwhile: Meanwhile }
  | { readonly do: 'end'; readonly how: 'succeeded' | 'failed' | 'skipped' }
  | { readonly do: 'time'; readonly ms: number }
  | { readonly do: 'lift' }

const wakeEvent = fc.record({
  do: fc.constant('wake' as const),
  workers: fc.integer({ min: 1, max: 3 }),
  meanwhile: fc.record({ commit: fc.nat(120), expire: fc.nat(120), end: fc.nat(120) }),
})
const endEvent = fc.record({
  do: fc.constant('end' as const),
  how: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const, 'skipped' as const),
})
const timeEvent = fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(1_000, 30_000, 61_000, 900_000) })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'commit' as const }) },
  { weight: 6, arbitrary: wakeEvent },
  { weight: 4, arbitrary: endEvent },
  { weight: 2, arbitrary: timeEvent },
  { weight: 1, arbitrary: fc.constant({ do: 'lift' as const }) },
)
const fault = faultOf(3, 15)
const pause = pauseOf(80)
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('started' as const) },
  { weight: 4, arbitrary: fc.constantFrom('done' as const, 'succeeded' as const) },
  { weight: 3, arbitrary: fc.constantFrom('refused' as const, 'failed' as const, 'nothing' as const) },
)
/** The number of steps of a run, by its newest version. */
const stepCounts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })

interface Weather {
  readonly faults: fc.Stream<Fault>
  readonly pauses: fc.Stream<number>
  readonly answers: fc.Stream<Answer>
}

function historyOf(stepCounts: readonly number[], { faults, pauses, answers }: Weather) {
  const ledger = watchedLedger()
  const calm = { is: false }
  const there = ledger.watch(outside(() => (calm.is ? 'started' : (answers.next().value ?? 'started'))))
  const decide = ({ version }: { version: number }) => ({
    kind: 'start' as const,
    steps: stepCounts[version % stepCounts.length]!,
  })
  const base = world(decide, there, ledger)
  const { shell, reaction, reactionOn, cursor } = base

  /** One invocation with these faults; false if it failed, so that its message is redelivered. */
  const worker = async (): Promise<boolean> => {
    const wrap = faulty(
      () => faults.next().value ?? 'none',
      () => pauses.next().value ?? 0,
    )
    const { wakeLater } = wrap({ wakeLater: shell.wakeLater })
    const inside = { ...shell, ledger: wrap(shell.ledger), bus: wrap(shell.bus), wakeLater }
    const disturbed = reactionOn(wrap({ start: there.start, status: there.status }))
    return react(disturbed, { subject }, inside).then(
      () => true,
      () => false,
    )
  }
  /** An operator clears a refusal, for example of a stuck run. */
  const lift = async () => {
    const { refusal, ...rest } = await cursor()
    if (refusal !== undefined) await shell.ledger.save(rest)
  }
  const expectNoViolation = () => {
    expect([...ledger.violations, ...there.violations]).toEqual([])
    for (const count of there.applied.values()) expect(count).toBe(1)
  }
  const expectConverged = async () => {
    expectNoViolation()
    expect(await cursor()).toMatchObject({ version: base.source.newest })
    expect([...there.applied.entries()].sort(([a], [b]) => a - b)).toEqual(
      Array.from({ length: base.source.newest + 1 }, (_, v) => [v, 1]),
    )
  }
  return {
    ...base,
    calm,
    worker,
    lift,
    wake: () => react(reaction, { subject, full: true }, shell),
    expectNoViolation,
    expectConverged,
  }
}

const weather = fc.record({
  faults: fc.infiniteStream(fault),
  pauses: fc.infiniteStream(pause),
  answers: fc.infiniteStream(answer),
})

describe(`runs in any history (SEED=${seed})`, () => {
  test.each([
    ['of one step', fc.constant([1])],
    ['of one to four steps', stepCounts],
  ])(
    'take effect exactly once and in order despite crashes, lost wake-ups, expired leases and failures: runs %s',
    async (_name, counts) => {
      await fc.assert(
        fc.asyncProperty(counts, fc.array(event, { maxLength: 50 }), weather, async (counts, events, weather) => {
          const history = historyOf(counts, weather)
          const { source, clock, there, worker, cursor } = history
          // Between two calls of a worker: it sees another version, its lease expires while it works, its step ends.
          const soon = async (turns: number, happens: () => void) => {
            for (let i = 0; i < turns; i++) await Promise.resolve()
            if (turns < 60) happens()
          }
          const meanwhile = ({ commit, expire, end }: Meanwhile) => [
            soon(commit, () => void source.newest++),
            soon(expire, () => void (clock.now += pace.lease + 1_000)),
            soon(end, () => there.end({ kind: 'succeeded' })),
          ]
          for (const each of events) {
            if (each.do === 'commit') source.newest++
            else if (each.do === 'time') clock.now += each.ms
            else if (each.do === 'lift') await history.lift()
            else if (each.do === 'end')
              there.end(each.how === 'succeeded' ? { kind: 'succeeded' } : { kind: each.how, reason: 'why' })
            else await Promise.all([...Array.from({ length: each.workers }, worker), ...meanwhile(each.meanwhile)])
            history.expectNoViolation()
            expect((await cursor()).version).toBeLessThanOrEqual(source.newest)
          }
          // Without faults: an operator clears stuck runs, sweeps arrive, steps succeed.
          history.calm.is = true
          for (let i = 0; i < 14; i++) {
            await history.lift()
            clock.now += 900_000
            await history.wake()
            there.end({ kind: 'succeeded' })
          }
          await history.expectConverged()
        }),
        { numRuns: 1_000, seed },
      )
    },
    120_000,
  )

  test('leave nothing behind, even without a sweep, if every event and message arrives at least once', async () => {
    const order = fc.infiniteStream(fc.nat(1_000))
    const commits = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(stepCounts, commits, order, weather, async (counts, commits, order, weather) => {
        const { source, clock, shell, there, worker, cursor, ...history } = historyOf(counts, weather)
        const next = (below: number) => (order.next().value ?? 0) % below
        let messages = 0
        // A refused run is left to an operator, who wakes it, too.
        const lift = async () => {
          if ((await cursor()).refusal === undefined) return false
          await history.lift()
          return true
        }
        const end = () => {
          if (![...there.runs.values()].some(({ status }) => status.kind === 'running')) return false
          there.end(next(4) === 0 ? { kind: 'failed', reason: 'why' } : { kind: 'succeeded' })
          return true
        }
        const due = () => {
          const [first] = shell.later.splice(next(shell.later.length || 1), 1)
          clock.now += first?.delay ?? 0
          return first !== undefined
        }
        const commit = () => {
          const more = commits.shift()
          source.newest += 1 + (more ?? 0)
          return more !== undefined
        }
        for (let i = 0; i < 500; i++) {
          history.calm.is = i > 60
          if (messages > 0 && next(3) > 0) {
            // Two at a time, some of them twice. Messages of a failed invocation are redelivered.
            const taken = Math.min(messages, 2)
            const done = await Promise.all(Array.from({ length: taken + next(2) }, worker))
            messages -= Math.min(taken, done.filter(Boolean).length)
          } else if (commits.length > 0 && next(3) === 0) messages += Number(commit())
          else if (end() || due() || (await lift())) messages += 1
          else if (messages === 0 && commits.length === 0) break
          history.expectNoViolation()
        }
        await history.expectConverged()
      }),
      { numRuns: 300, seed },
    )
  }, 120_000)
})
