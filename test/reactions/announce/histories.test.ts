import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { react } from '../../../src/core/react.ts'
import type { CommitDetail } from '../../../src/reactions/announce/facts.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { announceReaction } from '../../../src/reactions/announce/reaction.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { memoryShell } from '../../core/shell.twin.ts'
import { commitKey, lines, logOf, writtenAt } from '../../tables/delta/log-builder.ts'
import { type Fault, faultOf, faulty, pauseOf, type Weather, weatherOf } from '../../world/faults.ts'
import { flights, op, summaries, Writer } from './given.ts'

/** Fixed, so that a failure is reproducible; fast-check prints it with the path to the shrunk history. */
const SEED = Number(process.env['SEED'] ?? 20_261_129)
const subject = 'table/flights'

type Step =
  | { readonly do: 'commit'; readonly ops: readonly (readonly [Parameters<Writer['apply']>[0], number])[] }
  /** Concurrent wake-ups, each with or without a version. */
  | { readonly do: 'wake'; readonly named: readonly (number | undefined)[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      ops: fc.array(fc.tuple(op, fc.nat(9)), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wake' as const),
      named: fc.array(fc.option(fc.nat(40), { nil: undefined }), { minLength: 1, maxLength: 3 }),
    }),
  },
)
interface History {
  readonly steps: readonly Step[]
  readonly faults: fc.Stream<Fault>
  readonly pauses: fc.Stream<number>
}
const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { maxLength: 12 }),
  faults: fc.infiniteStream(faultOf(3, 20)),
  pauses: fc.infiniteStream(pauseOf(80)),
})

function world() {
  const store = logOf([])
  const writer = new Writer()
  const [ledger, bus] = [memoryLedger(), memoryBus()]
  const land = () => {
    for (let version = store.objects.size; version < writer.commits.length; version++)
      store.put(commitKey(version), lines(writer.commits[version]!), writtenAt(version))
  }
  land()
  /** As in Lambda: any call may fail or be the last, and a later wake-up has to repeat a failed one. */
  async function wake(version: number | undefined, weather: Weather): Promise<void> {
    const wrap = faulty(weather.fault, weather.pause)
    const published = wrap(bus)
    const shell = memoryShell({ ledger: wrap(ledger), bus: published })
    const reaction = announceReaction({
      lake: 'test',
      tables: { flights },
      versionsOf: () => deltaVersions(wrap(store)),
      bus: published,
    })
    await react(reaction, { subject, version }, shell).catch(() => undefined)
  }
  async function carryOut({ steps, faults, pauses }: History): Promise<void> {
    const weather = weatherOf(faults, pauses)
    for (const each of steps) {
      if (each.do === 'wake') await Promise.all(each.named.map((version) => wake(version, weather)))
      else for (const [op, order] of each.ops) writer.apply(op, order)
      land()
    }
  }
  const details = () => bus.published.map(({ detail }) => detail as CommitDetail)
  return { store, writer, wake, carryOut, details, ledger }
}

describe('after any history of lost, repeated and reordered wake-ups, failures and crashes', () => {
  const calm = weatherOf(undefined, fc.sample(fc.infiniteStream(fc.constant(0)), 1)[0]!)

  test('one wake-up announces every version, and repeated facts have the same id and content', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (each) => {
        const { store, writer, wake, carryOut, details } = world()
        await carryOut(each)
        await wake(undefined, calm)
        const wanted = await summaries(deltaVersions(store))
        expect(wanted.map(({ version }) => version)).toEqual([...writer.commits.keys()])
        const byVersion = Map.groupBy(details(), ({ version }) => version)
        for (const fact of wanted)
          for (const found of byVersion.get(fact.version) ?? [undefined]) expect(found).toMatchObject(fact)
        expect(byVersion.size).toBe(wanted.length)
      }),
      { numRuns: 400, seed: SEED },
    )
  }, 120_000)

  test('no version is published before the one that precedes it', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (each) => {
        const { carryOut, details } = world()
        await carryOut(each)
        const first = new Set(details().map(({ version }) => version))
        expect([...first]).toEqual([...first].sort((a, b) => a - b))
        expect([...first]).toEqual([...first.keys()].map((_, i) => i))
        expect(details().filter(({ missed }) => missed)).toEqual([])
      }),
      { numRuns: 400, seed: SEED },
    )
  }, 120_000)

  test('the cursor never passes what was published, and never moves back', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, ...weather }) => {
        const { carryOut, details, ledger } = world()
        let before = -1
        for (const each of steps) {
          await carryOut({ steps: [each], ...weather })
          const { version } = await ledger.cursor({ subject, reaction: 'announce' })
          expect(version).toBeGreaterThanOrEqual(before)
          expect(version).toBeLessThanOrEqual(Math.max(-1, ...details().map((fact) => fact.version)))
          before = version
        }
      }),
      { numRuns: 200, seed: SEED },
    )
  }, 120_000)
})
