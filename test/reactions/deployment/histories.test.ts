import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { faultOf, pauseOf, type Weather, weatherOf } from '../../world/faults.ts'
import { type DeploymentWorld, deploymentWorld, type Fate } from '../../world/deployment-world.ts'
import { MINUTE, servingConfigs, settle } from '../../world/promotions.ts'

/** Fixed, so that a failure is reproducible; fast-check prints it with the path to the shrunk history. */
const SEED = Number(process.env['SEED'] ?? 20_261_122)

type Step =
  | { readonly do: 'register'; readonly fate: Fate; readonly promote: boolean; readonly told: number }
  | { readonly do: 'promote'; readonly pick: number; readonly told: number }
  | { readonly do: 'unalias' | 'rollback' | 'undo' | 'sweep' | 'built' | 'delete-endpoint' | 'other-config' }
  | { readonly do: 'delete-version'; readonly pick: number }
  | { readonly do: 'pass'; readonly minutes: number }
  | { readonly do: 'run'; readonly batches: readonly (readonly number[])[] }

const told = fc.constantFrom(0, 1, 1, 2)
const pick = fc.nat(9)
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fate>('good') },
  { weight: 3, arbitrary: fc.constantFrom<Fate>('no-ping', 'alarming', 'nonsense', 'scarce') },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('register' as const), fate, promote: fc.boolean(), told }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('promote' as const), pick, told }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete-version' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'unalias',
        'rollback',
        'rollback',
        'undo',
        'sweep',
        'built',
        'delete-endpoint',
        'other-config',
      ),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      batches: fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    }),
  },
)
const history = fc.record({
  /** Whether the history starts with a version in service, another one kept, and the container built. */
  settled: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 70, size: 'max' }),
  faults: fc.infiniteStream(faultOf(2, 102)),
  pauses: fc.infiniteStream(pauseOf(60)),
  delivered: fc.infiniteStream(told),
})

/** A change by hand may be rejected while another operation is in progress. */
function byHand(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error as Error).name.endsWith('Exception')) throw error
  }
}

async function carryOut(world: DeploymentWorld, given: Step, weather: Weather): Promise<void> {
  const { registry, model, sagemaker } = world
  const name = model.registered
  const wake = (times: number) => {
    for (let i = times; i > 0; i--) world.wake()
  }
  const existing = (at: number) => {
    const all = [...world.fates.keys()].filter((version) => registry.tags(name, version) !== undefined)
    return all.length === 0 ? undefined : all[at % all.length]
  }
  switch (given.do) {
    case 'register': {
      const version = await world.register(given.fate)
      if (given.promote) world.promote(version)
      return wake(given.promote ? given.told : 0)
    }
    case 'promote': {
      const version = existing(given.pick)
      if (version !== undefined) world.promote(version)
      return wake(given.told)
    }
    case 'delete-version': {
      const version = existing(given.pick)
      return version === undefined ? undefined : registry.remove(name, version)
    }
    case 'unalias':
      return registry.unalias(name, 'champion')
    case 'rollback':
      return rollback(world)
    case 'undo':
      return world.hold(({ held: _held, failed: _failed, ...state }) => state)
    case 'sweep':
      return world.wake(true)
    case 'built':
      if (world.images.builds[0]?.status === 'IN_PROGRESS') world.images.end('3.17.2', 'SUCCEEDED')
      return
    case 'delete-endpoint':
      return byHand(() => sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' }))
    case 'other-config': {
      const [EndpointConfigName] = sagemaker.exists().configs
      return byHand(() => sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName }))
    }
    case 'pass':
      world.clock.now += given.minutes * MINUTE
      sagemaker.core.advance()
      return
    case 'run':
      // Otherwise most runs would find no message.
      if (world.waiting() === 0) world.wake(true)
      await Promise.all(given.batches.map((positions) => world.run(positions, weather)))
  }
}

/** Rolls back to the previous version, as `landfall rollback` does. */
async function rollback(world: DeploymentWorld): Promise<void> {
  const [, before] = (await world.state()).deployments
  if (before === undefined) return
  const over = (await world.promoted())?.version
  await world.hold((found) => ({
    ...found,
    held: { to: before.config, at: 1, ...(over === undefined ? {} : { heldAgainst: over }) },
  }))
}

async function begin(world: DeploymentWorld): Promise<void> {
  world.images.push('3.17.2')
  for (let i = 0; i < 2; i++) {
    world.promote(await world.register('good'))
    await recover(world, 20)
  }
}

/** Ends the faults and lets time pass. */
async function recover(world: DeploymentWorld, minutes = 240): Promise<void> {
  world.events(() => 1)
  await settle(world, minutes)
}

/** A temporary failure is final only after four attempts. */
const triedOften = ({ bus }: DeploymentWorld) =>
  bus.published.some(({ type, detail }) => type === 'Run Failed' && 'attempt' in detail && detail.attempt >= 4)

/** The oracle. */
async function expectInStep(world: DeploymentWorld): Promise<void> {
  const { deployments, failed, held, candidate, leftovers = [] } = await world.state()
  const { run, refusal } = await world.cursor()
  const [first] = deployments
  const now = servingConfigs(world)
  expect(refusal).toBeUndefined()
  const desired = await world.promoted()
  const isHeld = held !== undefined && held.heldAgainst === desired?.version && first?.config === held.to
  const outOfAttempts =
    failed?.version === desired?.version && /Capacity|deleted|somebody/.test(failed?.reason ?? '') && triedOften(world)
  if (desired !== undefined && !isHeld && !outOfAttempts) {
    const tags = world.registry.tags(world.model.registered, desired.version)
    const fateNow = world.fates.get(desired.version)
    const serves = first?.version === desired.version
    if (fateNow === 'good' || fateNow === 'scarce') expect(serves).toBe(true)
    if (fateNow === 'no-ping' || fateNow === 'nonsense') expect(serves).toBe(false)
    if (serves) expect(tags?.['landfall.delay.status']).toBe('deployed')
    else {
      expect(failed?.version).toBe(desired.version)
      const reason = expect.stringMatching(/ping|alarm|smoke/i)
      expect(tags).toMatchObject({ 'landfall.delay.status': 'rolled-back', 'landfall.delay.reason': reason })
    }
  }
  // If somebody removed the alias and deleted the endpoint, neither is undone.
  if (first === undefined || (desired === undefined && now.length === 0)) return
  expect(now).toEqual([first.config])
  expect(world.mayStay(first.config)).toBe(true)
  expect(run).toBeUndefined()
  // Only the resources of kept deployments exist.
  expect({ leftovers, candidate }).toEqual({ leftovers: [], candidate: undefined })
  const { configs, models } = world.sagemaker.exists()
  const kept = deployments.map((each) => each.config).toSorted()
  expect({ configs, models }).toEqual({ configs: kept, models: kept })
  expect(deployments.length).toBeLessThanOrEqual(world.model.endpoint.keep + 1)
  // No version stays tagged as deploying.
  for (const version of world.fates.keys())
    expect(world.registry.tags(world.model.registered, version)?.['landfall.delay.status']).not.toBe('deploying')
  expect([...world.alarms.there.keys()]).toEqual([])
}

/** No version is reported as deployed if it did not start, or failed its smoke test. */
function expectNoFalseSuccess({ bus, fates }: DeploymentWorld): void {
  for (const { type, detail } of bus.published)
    if (type === 'Endpoint Deployed') expect(fates.get(detail.version)).not.toMatch(/no-ping|nonsense/)
}

describe('the path from a promotion to the endpoint', () => {
  test('after any history of promotions, failures, crashes and lost events, the endpoint serves what the registry asks for, or what worked', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ settled, steps, faults, pauses, delivered }) => {
        const world = deploymentWorld()
        if (settled) await begin(world)
        else if (steps.length % 2 === 0) world.images.push('3.17.2')
        world.events(() => delivered.next().value ?? 1)
        const weather = weatherOf(faults, pauses)
        let served = false
        for (const each of steps) {
          await carryOut(world, each, weather)
          // Only a change by hand takes an endpoint out of service.
          if (each.do === 'delete-endpoint' || each.do === 'pass') served = servingConfigs(world).length > 0
          else if (served) expect(servingConfigs(world).length).toBeGreaterThan(0)
        }
        await recover(world)
        await expectInStep(world)
        expectNoFalseSuccess(world)
      }),
      { numRuns: 1_000, seed: SEED },
    )
  }, 300_000)
})
