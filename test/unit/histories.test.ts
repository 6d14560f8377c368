import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { definitionOf, merged, same } from '../../src/reactions/catalog/record.ts'
import { readState } from '../../src/tables/delta/index.ts'
import type { Op } from '../world/delta-writer.ts'
import type { Fault } from '../world/faults.ts'
import { lakeWorld, objectCreated, type Weather } from '../world/lake-world.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_122)

type Step =
  | { readonly do: 'commit'; readonly op: Op; readonly event: 'once' | 'twice' | 'lost' }
  | { readonly do: 'run'; readonly queue: 'landing' | 'catalog'; readonly batches: readonly (readonly number[])[] }
  | { readonly do: 'sweep' }
  | { readonly do: 'meddle'; readonly how: 'drop' | 'edit' }

const pick = fc.nat(20)
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.constantFrom<Op>({ do: 'append' }, { do: 'optimize' }),
  fc.record({
    do: fc.constantFrom('add-column' as const, 'drop-column' as const, 'retype' as const, 'rename' as const),
    pick,
  }),
  fc.record({
    do: fc.constantFrom('comment' as const, 'describe' as const, 'set-property' as const),
    pick,
    text: fc.constantFrom('a', 'b', 'é', ''),
  }),
  fc.record({ do: fc.constantFrom('unset-property' as const, 'repartition' as const), pick }),
)
/** Most calls are quick, some outlast whole runs of other workers: that is when older news meets newer. */
const pause = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 10, max: 80 }) })
/** There and back again: what a worker finds to be right may be what another is about to undo. */
const flip: fc.Arbitrary<Op> = fc.record({
  do: fc.constant('describe' as const),
  pick,
  text: fc.constantFrom('a', 'b'),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      op: fc.oneof(op, flip),
      event: fc.constantFrom('once' as const, 'twice' as const, 'lost' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      queue: fc.constantFrom('landing' as const, 'catalog' as const),
      // Several batches at once are several workers at once.
      batches: fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('meddle' as const),
      how: fc.constantFrom('drop' as const, 'edit' as const),
    }),
  },
)
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('none' as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'fails-before' as const,
      'fails-after' as const,
      'dies-before' as const,
      'dies-after' as const,
    ),
  },
)
const history = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  faults: fc.infiniteStream(fault),
  pauses: fc.infiniteStream(pause),
})

type World = ReturnType<typeof lakeWorld>

/** Carries a history out, in the weather that it says. */
async function carryOut(steps: readonly Step[], weather: Weather, watch?: (world: World, step: Step) => Promise<void>) {
  const world = lakeWorld()
  const { writer, queues, glue, now } = world
  const land = (key: string, event: 'once' | 'twice' | 'lost') => {
    for (let i = { lost: 0, once: 1, twice: 2 }[event]; i > 0; i--) queues.landing.push(objectCreated('lake', key))
  }
  land(writer.create(now()), 'once')
  for (const step of steps) {
    if (step.do === 'commit') land(writer.apply(step.op, now()), step.event)
    else if (step.do === 'run')
      await Promise.all(step.batches.map((positions) => world.run(step.queue, positions, weather)))
    else if (step.do === 'meddle') meddle(glue, step.how)
    else {
      queues.catalog.push({ subject: 'table/flights', thorough: true })
      await world.run('catalog', [queues.catalog.length - 1], weather)
    }
    await watch?.(world, step)
  }
  return world
}

/** What people do to a catalog by hand. */
function meddle(glue: World['glue'], how: 'drop' | 'edit'): void {
  if (how === 'drop') glue.drop('silver', 'flights')
  else if (glue.definition('silver', 'flights') !== undefined)
    glue.edit('silver', 'flights', (found) => ({
      ...found,
      Owner: 'somebody',
      StorageDescriptor: { ...found.StorageDescriptor, Columns: [] },
    }))
}

/** The oracle: the record is as the log's newest version says, and the cursor stands there. */
async function expectInStep(world: World): Promise<void> {
  const found = world.glue.definition('silver', 'flights')
  const { metadata, version } = await readState(world.store)
  expect(version).toBe(world.writer.version)
  expect(metadata.schema.fields.map(({ name }) => name)).toEqual(world.writer.metadata.fields.map(({ name }) => name))
  expect(found).toBeDefined()
  const wanted = definitionOf(world.table, metadata)
  expect(found?.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type])).toEqual(
    wanted.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type]),
  )
  expect(same(found!, merged(found!, wanted))).toBe(true)
  expect((await world.ledger.cursor({ subject: 'table/flights', reaction: 'catalog' })).version).toBe(version)
}

describe('the path from a commit to the catalog', () => {
  test('after any history of losses, repeats, failures and deaths, one sweep makes the catalog equal the log', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, faults, pauses }) => {
        const weather = { fault: () => faults.next().value as Fault, pause: () => pauses.next().value as number }
        const world = await carryOut(steps, weather)
        await world.sweepNow()
        await expectInStep(world)
      }),
      { numRuns: 1_000, seed: SEED },
    )
  })

  test('with every event delivered and no call failing, no sweep is needed, in whatever order they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(op, flip, flip), { maxLength: 8 }),
        fc.infiniteStream(fc.nat(6)),
        fc.infiniteStream(fc.nat(9)),
        async (ops, pauses, order) => {
          const world = lakeWorld()
          const { writer, queues, now } = world
          const weather = { fault: () => 'none' as const, pause: () => pauses.next().value as number }
          queues.landing.push(objectCreated('lake', writer.create(now())))
          for (const queue of ['landing', 'catalog'] as const) await world.run(queue, [0], weather)
          for (const each of ops) queues.landing.push(objectCreated('lake', writer.apply(each, now())))
          for (const queue of ['landing', 'catalog'] as const)
            while (queues[queue].length > 0) {
              // Queues shrink as workers take from them, so four workers take four messages.
              await Promise.all([0, 1, 2, 3].map(() => world.run(queue, [order.next().value as number], weather)))
            }
          expect(world.stamps()).toEqual(world.stamps().toSorted((a, b) => a - b))
          await expectInStep(world)
        },
      ),
      { numRuns: 1_000, seed: SEED },
    )
  })

  test('a cursor never passes the log, and a record’s stamp never moves back, at any step of any history', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, faults, pauses }) => {
        const weather = { fault: () => faults.next().value as Fault, pause: () => pauses.next().value as number }
        let version = -1
        await carryOut(steps, weather, async (world) => {
          const cursor = await world.ledger.cursor({ subject: 'table/flights', reaction: 'catalog' })
          expect(cursor.version).toBeLessThanOrEqual(world.writer.version)
          expect(cursor.version).toBeGreaterThanOrEqual(version)
          version = cursor.version
          expect(world.stamps()).toEqual(world.stamps().toSorted((a, b) => a - b))
        })
      }),
      { numRuns: 500, seed: SEED },
    )
  })
})
