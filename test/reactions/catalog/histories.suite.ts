import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { merged, same } from '../../../src/glue/merge.ts'
import { definitionOf } from '../../../src/reactions/catalog/record.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import type { Op } from '../../world/delta-writer.ts'
import { faultOf, pauseOf, type Weather, weatherOf } from '../../world/faults.ts'
import { type Ground, lakeWorld, objectCreated, type World } from '../../world/lake-world.ts'

/** Fixed, so that a failure is reproducible; fast-check prints it with the path to the shrunk history. */
const SEED = Number(process.env['SEED'] ?? 20_261_122)

type Step =
  | { readonly do: 'commit'; readonly op: Op; readonly event: 'once' | 'twice' | 'lost' }
  | { readonly do: 'run'; readonly queue: 'commits' | 'catalog'; readonly batches: readonly (readonly number[])[] }
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
    text: fc.constantFrom('a', 'b', 'é'),
  }),
  fc.record({ do: fc.constantFrom('unset-property' as const, 'repartition' as const), pick }),
)
/** Schemas that return later: one worker may find a record up to date that another is about to overwrite. */
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
      queue: fc.constantFrom('commits' as const, 'catalog' as const),
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
const fault = faultOf(3, 15)
const pause = pauseOf(80)
const history = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  faults: fc.infiniteStream(fault),
  pauses: fc.infiniteStream(pause),
})

/** Runs a history, with its faults. */
async function carryOut(
  world: World,
  steps: readonly Step[],
  weather: Weather,
  watch?: () => Promise<void>,
): Promise<void> {
  const { writer, queues, now } = world
  const land = (key: string, event: 'once' | 'twice' | 'lost') => {
    for (let i = { lost: 0, once: 1, twice: 2 }[event]; i > 0; i--) queues.commits.push(objectCreated(key))
  }
  land(await writer.create(now()), 'once')
  for (const step of steps) {
    if (step.do === 'commit') land(await writer.apply(step.op, now()), step.event)
    else if (step.do === 'run')
      await Promise.all(step.batches.map((positions) => world.run(step.queue, positions, weather)))
    else if (step.do === 'meddle') await meddle(world, step.how)
    else {
      queues.catalog.push({ subject: `table/${world.table.name}`, full: true })
      await world.run('catalog', [queues.catalog.length - 1], weather)
    }
    await watch?.()
  }
}

/** Edits of a catalog by hand. */
async function meddle(world: World, how: 'drop' | 'edit'): Promise<void> {
  if (how === 'drop') return world.drop()
  const found = await world.glue.find('silver', world.table.name)
  if (found.kind !== 'table') return
  const { definition } = found
  const edited = {
    ...definition,
    Owner: 'somebody',
    StorageDescriptor: { ...definition.StorageDescriptor, Columns: [] },
  }
  await world.glue.updateTable('silver', edited, found.versionId)
}

/** The oracle: the record and the cursor match the log's newest version. */
async function expectInStep(world: World): Promise<void> {
  const { metadata, version } = await readState(world.store)
  expect(version).toBe(world.writer.version)
  expect(metadata.schema.fields.map(({ name }) => name)).toEqual(world.writer.metadata.fields.map(({ name }) => name))
  const found = await world.definition()
  const wanted = definitionOf(world.table, metadata)
  const columns = (of: typeof found) =>
    of?.StorageDescriptor?.Columns?.map(({ Name, Type, Comment }) => [Name, Type, Comment ?? ''])
  expect(columns(found)).toEqual(columns(wanted))
  expect(found !== undefined && same(found, merged(found, wanted))).toBe(true)
  expect((await world.cursor()).version).toBe(version)
}

/** Versions of a record only rise. */
function expectForward(world: World): void {
  expect(world.stamps()).toEqual(world.stamps().toSorted((a, b) => a - b))
}

/**
 * The path from a commit to the catalog, in random histories; run by the thousand on twins, and on the emulator. `make`
 * gives a world, or a name, that no other history uses.
 */
export function testHistories(where: string, runs: number, make: () => { ground: Ground; name: string }): void {
  const begin = () => {
    const { ground, name } = make()
    return lakeWorld(ground, name)
  }
  const check = { numRuns: runs, seed: SEED }

  describe(`the path from a commit to the catalog, on ${where}`, () => {
    test('after any history of losses, repeats, failures and crashes, one sweep makes the catalog equal the log', async () => {
      await fc.assert(
        fc.asyncProperty(history, async ({ steps, faults, pauses }) => {
          const world = begin()
          await carryOut(world, steps, weatherOf(faults, pauses))
          await world.sweepNow()
          await expectInStep(world)
        }),
        check,
      )
    }, 300_000)

    test('if every event is delivered and no call fails, no sweep is needed, in whatever order they arrive', async () => {
      const commits = fc.array(fc.oneof(op, flip, flip), { maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(
          commits,
          fc.infiniteStream(pause),
          fc.infiniteStream(fc.nat(9)),
          async (ops, pauses, order) => {
            const world = begin()
            await deliverAll(world, ops, weatherOf(undefined, pauses), order)
            expectForward(world)
            await expectInStep(world)
          },
        ),
        check,
      )
    }, 300_000)

    test('neither cursor nor record ever passes the log or moves back, at any step of any history', async () => {
      await fc.assert(
        fc.asyncProperty(history, async ({ steps, faults, pauses }) => {
          const world = begin()
          let before = -1
          await carryOut(world, steps, weatherOf(faults, pauses), async () => {
            const { version } = await world.cursor()
            expect(version).toBeLessThanOrEqual(world.writer.version)
            expect(version).toBeGreaterThanOrEqual(before)
            before = version
            expectForward(world)
          })
        }),
        check,
      )
    }, 300_000)
  })
}

/** The first commit is processed before the others are written, since a new table is read at its newest version. */
async function deliverAll(world: World, ops: readonly Op[], weather: Weather, order: fc.Stream<number>): Promise<void> {
  const { writer, queues, now } = world
  queues.commits.push(objectCreated(await writer.create(now())))
  for (const queue of ['commits', 'catalog'] as const) await world.run(queue, [0], weather)
  for (const each of ops) queues.commits.push(objectCreated(await writer.apply(each, now())))
  for (const queue of ['commits', 'catalog'] as const)
    while (queues[queue].length > 0)
      // Queues shrink as workers take from them, so four workers take four messages.
      await Promise.all([0, 1, 2, 3].map(() => world.run(queue, [order.next().value ?? 0], weather)))
}
