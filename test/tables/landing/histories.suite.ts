import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { LandingVersion } from '../../../src/tables/landing/landing-log.ts'
import { calm, faultOf, pauseOf, type Weather, weatherOf } from '../../world/faults.ts'
import { type FilesGround, type FilesWorld, filesWorld } from '../../world/files-world.ts'

/** Fixed, so that a failure is reproducible; fast-check prints it with the path to the shrunk history. */
const SEED = Number(process.env['SEED'] ?? 20_261_122)

type Op =
  | { readonly do: 'put'; readonly key: string; readonly body: string }
  | { readonly do: 'remove'; readonly key: string }
  | { readonly do: 'destroy'; readonly key: string; readonly nth: number }
type Step =
  | { readonly do: 'op'; readonly op: Op; readonly event: 'once' | 'twice' | 'lost' }
  | { readonly do: 'run'; readonly batches: readonly (readonly number[])[] }
  | { readonly do: 'repair'; readonly keys: number; readonly beside: readonly number[] }

/** Few keys and bodies, so that they collide; some keys are not data, and some sort differently by bytes. */
const key = fc.constantFrom('a b+c.json', 'dt=2026-11-22/é.json', '\uFF5E.json', '\u{1F600}.json', '_SUCCESS')
const body = fc.constantFrom('one', 'two', 'three', '')
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key, body }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('destroy' as const), key, nth: fc.nat(3) }) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('op' as const),
      op,
      event: fc.constantFrom('once' as const, 'once' as const, 'twice' as const, 'lost' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      // Several batches at once are several writers at once.
      batches: fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('repair' as const),
      keys: fc.integer({ min: 1, max: 4 }),
      beside: fc.array(fc.nat(9), { maxLength: 3 }),
    }),
  },
)
const fault = faultOf(2, 17)
const pause = pauseOf(60)

async function apply(world: FilesWorld, op: Op): Promise<object | undefined> {
  if (op.do === 'put') return world.put(op.key, op.body)
  if (op.do === 'remove') return world.remove(op.key)
  return world.destroy(op.key, op.nth)
}

async function carryOut(world: FilesWorld, steps: readonly Step[], weather: Weather): Promise<void> {
  for (const step of steps) {
    if (step.do === 'op') {
      const event = await apply(world, step.op)
      if (event !== undefined)
        for (let i = { lost: 0, once: 1, twice: 2 }[step.event]; i > 0; i--) world.waiting.push(event)
    } else if (step.do === 'run') await Promise.all(step.batches.map((positions) => world.run(positions, weather)))
    // After a repair that died, the next one continues from its mark.
    else
      await Promise.all([
        world.repair(step.keys, weather).catch(() => undefined),
        step.beside.length > 0 ? world.run(step.beside, weather) : undefined,
      ])
  }
}

/** Processes waiting messages until there are none, in the order of `order`, with four writers at a time. */
async function drain(world: FilesWorld, weather: Weather, order?: fc.Stream<number>): Promise<void> {
  const batch = (writer: number) => (order === undefined ? [writer] : [...order.take(1 + (writer % 3))])
  while (world.waiting.length > 0) await Promise.all([0, 1, 2, 3].map((writer) => world.run(batch(writer), weather)))
}

/** Repairs from the last mark to the end, and then everything once, in as many runs as it takes. */
async function sweep(world: FilesWorld): Promise<void> {
  for (let round = 0; round < 2; round++) while ((await world.repair(2)).after !== undefined);
}

/** Replays the versions: contiguous, nothing removed that is not live or with another size, nothing added twice. */
async function replayed(world: FilesWorld): Promise<Map<string, number>> {
  const live = new Map<string, number>()
  let next = 0
  for (const version of await versionsOf(world)) {
    expect(version.version).toBe(next++)
    const bytes = version.removed.reduce((sum, path) => sum + (live.get(path) ?? NaN), 0)
    expect(version.removedBytes ?? 0).toBe(bytes)
    for (const path of version.removed) expect(live.delete(path)).toBe(true)
    for (const { path, size } of version.added) {
      expect(live.has(path)).toBe(false)
      live.set(path, size)
    }
  }
  return live
}

async function versionsOf({ name, store, log }: FilesWorld): Promise<LandingVersion[]> {
  const versions: LandingVersion[] = []
  for await (const each of store.read(name, -1, await log.newest(-1))) versions.push(each)
  return versions
}

async function expectEqual(world: FilesWorld): Promise<void> {
  const wanted = sorted(await world.bucket())
  expect(sorted(await replayed(world))).toEqual(wanted)
  const { version, files } = await world.log.live(-1)
  const live = new Map<string, number>()
  for await (const { path, size } of files) {
    expect(live.has(path)).toBe(false)
    live.set(path, size)
  }
  expect(sorted(live)).toEqual(wanted)
  if (version < 0) return
  const change = await world.log.change(-1, version)
  expect(sorted(new Map(change?.added.map(({ path, size }) => [path, size])))).toEqual(wanted)
  // The newest version was published on the bus, or by a sweep.
  expect(change?.removed).toEqual([])
}

const sorted = (files: ReadonlyMap<string, number>) => [...files].sort(([a], [b]) => (a < b ? -1 : 1))

/**
 * Objects are created, deleted and overwritten; events are lost, repeated and reordered; several writers run at once. `make`
 * gives a world, or a name, that no other history uses.
 */
export function testLandingHistories(
  where: string,
  runs: number,
  make: (versioned: boolean) => { ground: FilesGround; name: string },
): void {
  const begin = (versioned: boolean) => {
    const { ground, name } = make(versioned)
    return filesWorld(ground, name)
  }
  const check = { numRuns: runs, seed: SEED }

  describe.each([
    ['with versions', true],
    ['without versions', false],
  ])(`the landing log of a bucket %s, on ${where}`, (_which, versioned) => {
    test('equals the bucket after any history of losses, repeats, failures and crashes, once it was swept', async () => {
      const history = fc.record({
        steps: fc.array(step, { maxLength: 30 }),
        faults: fc.infiniteStream(fault),
        pauses: fc.infiniteStream(pause),
      })
      await fc.assert(
        fc.asyncProperty(history, async ({ steps, faults, pauses }) => {
          const world = begin(versioned)
          await carryOut(world, steps, weatherOf(faults, pauses))
          await sweep(world)
          await expectEqual(world)
          // A late event may be of an object whose deletion was lost after the sweep: the next sweep finds it.
          await drain(world, calm)
          await sweep(world)
          await expectEqual(world)
        }),
        check,
      )
    }, 300_000)

    test('equals the bucket without a sweep if every event arrives, in any order, some of them twice', async () => {
      const event = fc.constantFrom('once' as const, 'twice' as const)
      const ops = fc.array(fc.record({ op, event }), { maxLength: 14 })
      await fc.assert(
        fc.asyncProperty(
          ops,
          fc.infiniteStream(pause),
          fc.infiniteStream(fc.nat(20)),
          fc.nat(14),
          async (ops, pauses, order, sweepAt) => {
            const world = begin(versioned)
            for (const [i, { op, event }] of ops.entries()) {
              const said = await apply(world, op)
              if (said !== undefined) world.waiting.push(...(event === 'twice' ? [said, said] : [said]))
              // A sweep in between finds some before their events come.
              if (i === sweepAt) await sweep(world)
            }
            await drain(world, weatherOf(undefined, pauses), order)
            await expectEqual(world)
            const told = world.bus.published.map(({ detail }) => ('table' in detail ? detail.version : -1))
            const newest = await world.log.newest(-1)
            if (ops.length <= sweepAt) expect(Math.max(-1, ...told)).toBe(newest)
          },
        ),
        check,
      )
    }, 300_000)
  })
}
