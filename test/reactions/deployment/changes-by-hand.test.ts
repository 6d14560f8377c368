import { describe, expect, test } from '@jest/globals'
import type { DeploymentWorld } from '../../world/deployment-world.ts'
import { calm } from '../../world/faults.ts'
import {
  configOf,
  endpointChanges,
  holdAt,
  leftBehind,
  MINUTE,
  pass,
  promote,
  serves,
  tagged,
  worldWith,
} from '../../world/promotions.ts'

/** Another lake creates an endpoint with the name of ours, which was deleted. */
function madeByAnother({ sagemaker, clock }: DeploymentWorld): void {
  sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
  clock.now += 2 * MINUTE
  sagemaker.core.advance()
  sagemaker.byHand('CreateModel', {
    ModelName: 'theirs',
    ExecutionRoleArn: 'arn:aws:iam::123456789012:role/theirs',
    PrimaryContainer: { Image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/theirs:1' },
  })
  const fleet = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 }
  const variant = { VariantName: 'AllTraffic', ModelName: 'theirs', ...fleet }
  sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName: 'theirs', ProductionVariants: [variant] })
  const Tags = [{ Key: 'landfall:stack', Value: 'landfall-other-prod' }]
  sagemaker.byHand('CreateEndpoint', { EndpointName: 'delay', EndpointConfigName: 'theirs', Tags })
}

describe('an endpoint that another lake created after ours was deleted', () => {
  test('is refused, or the two lakes would take it from each other for ever', async () => {
    const world = await worldWith(['good'])
    const before = endpointChanges(world)
    madeByAnother(world)
    await pass(world, 60)
    expect(Object.keys(world.sagemaker.serves('delay') ?? {})).toEqual(['theirs'])
    expect((await world.cursor()).refusal).toMatchObject({ code: 'endpoint-taken' })
    expect(endpointChanges(world)).toEqual(before)
  })
})

describe('an endpoint of ours that somebody updated by hand', () => {
  test('is set back, since it has our tag', async () => {
    const world = await worldWith(['good'])
    const { sagemaker } = world
    const { models } = sagemaker.exists()
    const fleet = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 }
    const variant = { VariantName: 'AllTraffic', ModelName: models[0], ...fleet }
    sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName: 'by-hand', ProductionVariants: [variant] })
    sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName: 'by-hand' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('a kept configuration whose model somebody deleted', () => {
  test('is created again when its version is promoted again', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteModel', { ModelName: await configOf(world, '1') })
    world.promote('1')
    await pass(world, 60)
    expect((await world.cursor()).refusal).toBeUndefined()
    expect(serves(world)).toEqual(['1'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('cannot be restored, so what serves stays', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteModel', { ModelName: await configOf(world, '1') })
    await holdAt(world, '1', '2')
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect((await world.cursor()).refusal).toBeUndefined()
  })
})

describe('a deleted endpoint whose last version does not start again', () => {
  test('restores an earlier version, and tags the failed one with the reason', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('2', 'no-ping')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(tagged(world, '2')).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/ping/) })
    expect(tagged(world, '1')).toMatchObject({ status: 'deployed' })
    // It was not tried again before the other version.
    expect(endpointChanges(world).slice(2)).toEqual(['CreateEndpoint', 'CreateEndpoint'])
  })

  test('restores an earlier version if the last one fails its smoke test', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('2', 'nonsense')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(tagged(world, '2').status).toBe('rolled-back')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['3'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('restores the last version that worked if the promoted one cannot be deployed', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { status: 'failed' }))
    await pass(world, 30)
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect((await world.cursor()).refusal?.code).toBe('version-failed')
  })

  test('is restored before a newer version is deployed', async () => {
    const world = await worldWith(['good', 'good'])
    const before = endpointChanges(world).length
    world.fates.set('2', 'no-ping')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    world.clock.now += 2 * MINUTE
    world.sagemaker.core.advance()
    await pass(world, 1)
    world.clock.now += 10 * MINUTE
    expect((await world.sagemaker.endpoint('delay'))?.status).toBe('Failed')
    await promote(world, 'no-ping', 60)
    expect(serves(world)).toEqual(['1'])
    expect(endpointChanges(world).slice(before)).toEqual(['CreateEndpoint', 'CreateEndpoint', 'UpdateEndpoint'])
    expect(tagged(world, '3').status).toBe('rolled-back')
  })
})

describe('an update whose sender died before recording it', () => {
  /** Starts the update to a second version; the calls after it have no effect. */
  async function diesAfterTheUpdate(world: DeploymentWorld): Promise<void> {
    const { updateEndpoint } = world.sagemaker
    let isDead = false
    world.sagemaker.updateEndpoint = async (...args) => {
      world.sagemaker.updateEndpoint = updateEndpoint
      const answer = await updateEndpoint(...args)
      isDead = true
      return answer
    }
    world.wake()
    await world.run([0], { fault: () => (isDead ? 'dies-before' : 'none'), pause: () => 0 })
    expect(isDead).toBe(true)
  }

  test('is not undone while the registry is down', async () => {
    const world = await worldWith(['good'])
    world.promote(await world.register('good'))
    await diesAfterTheUpdate(world)
    world.registry.down = true
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    world.registry.down = false
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('gets its alarms again', async () => {
    const world = await worldWith(['good'], {
      endpoint: { rollout: { kind: 'canary', percent: 10, bake: 30 * MINUTE } },
    })
    world.promote(await world.register('alarming'))
    await diesAfterTheUpdate(world)
    for (const name of world.alarms.there.keys()) world.sagemaker.alarm(name, 'OK')
    await world.alarms.remove([...world.alarms.there.keys()])
    // The claim ends with its lease.
    await pass(world, 90)
    expect(tagged(world, '2')).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/alarm/i) })
  })
})

describe('an update that DescribeEndpoint does not show yet', () => {
  test('is not mistaken for a rollback', async () => {
    const world = await worldWith(['good'])
    const { endpoint, updateEndpoint } = world.sagemaker
    const before = await endpoint('delay')
    world.sagemaker.updateEndpoint = async (...args) => {
      // DescribeEndpoint lags behind.
      world.sagemaker.endpoint = async () => before
      return updateEndpoint(...args)
    }
    await promote(world, 'good', 2)
    world.sagemaker.endpoint = endpoint
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect(world.bus.published.map(({ type }) => type)).not.toContain('Run Failed')
  })
})

describe('an update that failed and could not be rolled back', () => {
  test('is followed by a restore of the last version that worked', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.rollbackFails = true
    await promote(world, 'no-ping', 20)
    world.sagemaker.rollbackFails = false
    await pass(world, 60)
    const { status } = (await world.sagemaker.endpoint('delay')) ?? {}
    expect({ status, serves: serves(world) }).toEqual({ status: 'InService', serves: ['1'] })
    expect(tagged(world, '2').status).toBe('rolled-back')
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('a registry whose servers disagree', () => {
  test('does not loop for ever, and the promotion is deployed once they agree', async () => {
    const world = await worldWith(['good'])
    const { promoted } = world.registry
    const before = await world.promoted()
    world.promote(await world.register('good'))
    let asked = 0
    world.registry.promoted = async (...args) => (asked++ % 2 === 0 ? promoted.apply(world.registry, args) : before)
    world.wake()
    await world.run([0], calm)
    expect(asked).toBeLessThan(100)
    world.registry.promoted = promoted
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('a promoted version that failed to be registered', () => {
  const unregistered = (world: DeploymentWorld) =>
    world.promote(world.registry.register(world.model.registered, { status: 'failed' }))

  test('does not keep an update by hand from being set back', async () => {
    const world = await worldWith(['good', 'good'])
    const EndpointConfigName = await configOf(world, '1')
    world.sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName })
    unregistered(world)
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
  })

  test('leaves the version before it tagged as superseded', async () => {
    const world = await worldWith(['good'])
    world.images.remove('3.17.2')
    await promote(world, 'good', 1)
    unregistered(world)
    await pass(world, 20)
    expect((await world.cursor()).refusal?.code).toBe('version-failed')
    world.images.end('3.17.2', 'SUCCEEDED')
    await promote(world, 'good')
    expect(['2', '4'].map((version) => tagged(world, version).status)).toEqual(['superseded', 'deployed'])
  })
})
