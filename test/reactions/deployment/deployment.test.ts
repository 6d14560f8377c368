import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import { type DeploymentWorld, deploymentWorld, type Fate } from '../../world/deployment-world.ts'
import { calm } from '../../world/faults.ts'
import { MINUTE, takeAll } from '../../world/promotions.ts'

/** Lets time pass without sweeps: every message and event is processed, and failed ones again a minute later. */
async function pass(world: DeploymentWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute <= minutes; minute++) {
    for (let round = 0; round < 3; round++) await takeAll(world)
    if (minute < minutes) world.clock.now += MINUTE
    world.sagemaker.core.advance()
  }
}

async function worldWith(...fates: readonly Fate[]) {
  const world = deploymentWorld()
  world.images.push('3.17.2')
  for (const fate of fates) await promote(world, fate)
  return world
}

async function promote(world: DeploymentWorld, fate: Fate, minutes = 20): Promise<string> {
  const version = await world.register(fate)
  world.promote(version)
  world.wake()
  await pass(world, minutes)
  return version
}

const serves = async (world: DeploymentWorld) => (await world.state()).deployments[0]?.version
const sent = (world: DeploymentWorld) => world.sagemaker.calls.filter((call) => /^(Create|Update)Endpoint$/.test(call))
const tags = (world: DeploymentWorld, version: string) => world.registry.tags(world.model.registered, version) ?? {}
const facts = (world: DeploymentWorld) => world.bus.published.map(({ type }) => type)

describe('a promotion', () => {
  test('publishes facts and tags the version when it begins and when it serves', async () => {
    const world = await worldWith('good')
    expect(facts(world)).toEqual(['Model Promoted', 'Run Succeeded', 'Endpoint Deployed'])
    expect(tags(world, '1')).toMatchObject({ 'landfall.delay.status': 'deployed', 'landfall.delay.reason': '' })
    await promote(world, 'good')
    expect(tags(world, '1')['landfall.delay.status']).toBe('replaced')
  })

  test('that is repeated a hundred times changes nothing', async () => {
    const world = await worldWith('good')
    const before = world.sagemaker.calls.length
    for (let i = 0; i < 100; i++) {
      world.wake()
      await world.run([0], calm)
    }
    expect(world.sagemaker.calls.slice(before)).toEqual(Array.from({ length: 100 }, () => 'DescribeEndpoint'))
  })

  test('three times while a container is built deploys only the last version', async () => {
    const world = deploymentWorld()
    for (let i = 0; i < 3; i++) await promote(world, 'good', 1)
    world.images.end('3.17.2', 'SUCCEEDED')
    world.wake()
    await pass(world, 20)
    expect(sent(world)).toEqual(['CreateEndpoint'])
    expect(await serves(world)).toBe('3')
    expect(world.images.builds.length).toBe(1)
    expect([1, 2, 3].map((version) => tags(world, String(version))['landfall.delay.status'])).toEqual([
      'superseded',
      'superseded',
      'deployed',
    ])
  })

  test('three times during an update deploys only the last version after it', async () => {
    const world = await worldWith('good')
    await promote(world, 'good', 1)
    for (let i = 0; i < 3; i++) {
      world.promote(await world.register('good'))
      world.wake()
      await pass(world, 0)
    }
    await pass(world, 40)
    expect(sent(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint', 'UpdateEndpoint'])
    expect(await serves(world)).toBe('5')
  })

  test('of a kept version is one update and creates nothing', async () => {
    const world = await worldWith('good', 'good')
    const before = world.sagemaker.calls.length
    world.promote('1')
    world.wake()
    await pass(world, 20)
    expect(await serves(world)).toBe('1')
    expect(world.sagemaker.calls.slice(before).filter((call) => /^Create|^Update/.test(call))).toEqual([
      'UpdateEndpoint',
    ])
  })
})

describe('a version that does not work', () => {
  test.each<[Fate, RegExp]>([
    ['no-ping', /ping health check/],
    ['alarming', /alarm/i],
    ['nonsense', /smoke test: the answer\.predictions\[0\] is "late", not number/],
  ])('(%s) is taken back, the reason is on it and on the bus, and it is not tried again', async (fate, reason) => {
    const world = await worldWith('good', fate)
    expect(await serves(world)).toBe('1')
    expect(Object.keys(world.sagemaker.serves('delay') ?? {})).toEqual([(await world.state()).deployments[0]?.config])
    expect(tags(world, '2')).toMatchObject({
      'landfall.delay.status': 'rolled-back',
      'landfall.delay.reason': expect.stringMatching(reason),
    })
    expect(facts(world).filter((type) => type === 'Endpoint Rolled Back').length).toBe(1)
    const calls = sent(world).length
    for (let i = 0; i < 5; i++) {
      world.wake(true)
      await pass(world, 15)
    }
    expect(sent(world).length).toBe(calls)
    expect([...world.alarms.there.keys()]).toEqual([])
  })

  test('because AWS had no instances is tried again, and serves', async () => {
    const world = await worldWith('good', 'scarce')
    await pass(world, 30)
    expect(await serves(world)).toBe('2')
  })

  test('does not block the next promotion', async () => {
    const world = await worldWith('good', 'no-ping', 'good')
    expect(await serves(world)).toBe('3')
    expect((await world.state()).failed).toBeUndefined()
  })

  test('and is the first leaves nothing in service; the next one replaces it', async () => {
    const world = await worldWith('no-ping')
    expect(world.sagemaker.serves('delay')).toBeUndefined()
    await promote(world, 'good', 40)
    expect(await serves(world)).toBe('2')
  })
})

describe('an obstacle to a deployment', () => {
  test('a version without artifacts is tagged refused once, and what serves stays', async () => {
    const world = await worldWith('good')
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    for (let i = 0; i < 3; i++) {
      world.wake()
      await pass(world, 2)
    }
    expect((await world.cursor()).refusal?.code).toBe('no-artifacts')
    expect(tags(world, '2')['landfall.delay.status']).toBe('refused')
    expect(facts(world).filter((type) => type === 'Reaction Refused').length).toBe(1)
    await promote(world, 'good')
    expect(await serves(world)).toBe('3')
    expect((await world.cursor()).refusal).toBeUndefined()
  })

  test('a refusal that cannot be tagged says so, until the registry accepts the tag', async () => {
    const world = await worldWith('good')
    const { tag } = world.registry
    let isForbidden = true
    world.registry.tag = async (...args) => {
      if (isForbidden && args[2]['landfall.delay.status'] === 'refused')
        throw new Refused('forbidden', 'PERMISSION_DENIED')
      return tag(...args)
    }
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    for (let i = 0; i < 2; i++) {
      world.wake()
      await pass(world, 2)
    }
    const { refusal } = await world.cursor()
    expect(refusal).toMatchObject({
      code: 'no-artifacts',
      reason: expect.stringMatching(/clean-up failed too: PERMISSION_DENIED/),
    })
    expect(facts(world).filter((type) => type === 'Reaction Refused').length).toBe(1)
    isForbidden = false
    world.wake(true)
    await pass(world, 2)
    expect(tags(world, '2')['landfall.delay.status']).toBe('refused')
    expect((await world.cursor()).refusal?.reason).not.toMatch(/clean-up failed/)
  })

  test('a promotion while another version is being refused is not left to the sweep', async () => {
    const world = await worldWith('good')
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    const next = await world.register('good')
    const { artifacts } = world.registry
    const meanwhile: typeof artifacts = async (...args) => {
      Object.assign(world.registry, { artifacts })
      world.promote(next)
      world.wake()
      await world.run([0], calm)
      return artifacts.apply(world.registry, args)
    }
    Object.assign(world.registry, { artifacts: meanwhile })
    world.wake()
    await pass(world, 10)
    expect(await serves(world)).toBe(next)
    expect((await world.cursor()).refusal).toBeUndefined()
  })

  test('a reached quota is refused with advice, and tried again by the next sweep', async () => {
    const world = await worldWith('good')
    const limit = new Refused('limit-exceeded', 'the quota is reached', { advice: 'Raise it.' })
    world.sagemaker.failCalls(
      1,
      Object.assign(new Error('The account-level service limit'), { name: 'ResourceLimitExceeded' }),
      'UpdateEndpoint',
    )
    await promote(world, 'good', 1)
    expect((await world.cursor()).refusal?.code).toBe(limit.code)
    world.wake(true)
    await pass(world, 20)
    expect(await serves(world)).toBe('2')
  })

  test('a registry that is down changes nothing, and the message is retried', async () => {
    const world = await worldWith('good')
    world.promote(await world.register('good'))
    world.registry.down = true
    world.wake()
    await pass(world, 3)
    expect(world.waiting()).toBeGreaterThan(0)
    expect(sent(world)).toEqual(['CreateEndpoint'])
    world.registry.down = false
    await pass(world, 20)
    expect(await serves(world)).toBe('2')
  })

  test('a deleted alias or version takes nothing out of service', async () => {
    const world = await worldWith('good')
    world.registry.remove(world.model.registered, '1')
    world.wake(true)
    await pass(world, 20)
    expect(sent(world)).toEqual(['CreateEndpoint'])
    expect(world.sagemaker.serves('delay')).toBeDefined()
  })
})

describe('what is kept', () => {
  test('the last deployments, and nothing of the older ones', async () => {
    const world = await worldWith('good', 'good', 'good', 'good', 'good')
    const { deployments } = await world.state()
    expect(deployments.map(({ version }) => version)).toEqual(['5', '4', '3'])
    const { configs, models } = world.sagemaker.exists()
    expect(configs).toEqual(deployments.map(({ config }) => config).toSorted())
    expect(models).toEqual(configs)
  })

  test('the instance count that autoscaling has set', async () => {
    const world = await worldWith('good')
    world.sagemaker.core.setInstances('delay', 4)
    await promote(world, 'good')
    const endpoint = world.sagemaker.byHand('DescribeEndpoint', { EndpointName: 'delay' })
    expect(endpoint).toMatchObject({ ProductionVariants: [{ VariantName: 'AllTraffic', CurrentInstanceCount: 4 }] })
  })
})
