import { describe, expect, test } from '@jest/globals'
import type { DeploymentWorld } from '../../world/deployment-world.ts'
import { calm } from '../../world/faults.ts'
import { configOf, holdAt, leftBehind, MINUTE, pass, promote, serves, told, worldWith } from '../../world/promotions.ts'

const sent = ({ sagemaker }: DeploymentWorld) =>
  sagemaker.calls.filter((call) => /^(Create|Update)Endpoint$/.test(call))

/** Another lake's, made where ours was deleted. */
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

describe('an endpoint that another lake made where ours was deleted', () => {
  test('is not taken from it: each would take it from the other for ever', async () => {
    const world = await worldWith(['good'])
    const before = sent(world)
    madeByAnother(world)
    await pass(world, 60)
    expect(Object.keys(world.sagemaker.serves('delay') ?? {})).toEqual(['theirs'])
    expect((await world.cursor()).refusal).toMatchObject({ code: 'endpoint-taken' })
    expect(sent(world)).toEqual(before)
  })
})

describe('an endpoint of ours that somebody put another configuration on', () => {
  test('is put back, since it is tagged as ours', async () => {
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

describe('a model that somebody deleted, of a configuration that is kept', () => {
  test('is made anew when its version is promoted again', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteModel', { ModelName: await configOf(world, '1') })
    world.promote('1')
    await pass(world, 60)
    expect((await world.cursor()).refusal).toBeUndefined()
    expect(serves(world)).toEqual(['1'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('is no reason to stop where it is gone back to: what serves stays', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteModel', { ModelName: await configOf(world, '1') })
    await holdAt(world, '1', '2')
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect((await world.cursor()).refusal).toBeUndefined()
  })
})

describe('an endpoint that was deleted by hand, and what it served does not come up again', () => {
  test('serves another that worked, and the reason is on the version', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('2', 'no-ping')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(told(world, '2')).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/ping/) })
    expect(told(world, '1')).toMatchObject({ status: 'deployed' })
    // It was not tried a second time before the other one.
    expect(sent(world).slice(2)).toEqual(['CreateEndpoint', 'CreateEndpoint'])
  })

  test('serves another where it answers nonsense now', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('2', 'nonsense')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(told(world, '2').status).toBe('rolled-back')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['3'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('is made again with what worked where the promoted version never can be', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { status: 'failed' }))
    await pass(world, 30)
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect((await world.cursor()).refusal?.code).toBe('version-failed')
  })

  test('and is Failed while a newer version is promoted, has what worked first', async () => {
    const world = await worldWith(['good', 'good'])
    const before = sent(world).length
    world.fates.set('2', 'no-ping')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    world.clock.now += 2 * MINUTE
    world.sagemaker.core.advance()
    await pass(world, 1)
    world.clock.now += 10 * MINUTE
    expect((await world.sagemaker.endpoint('delay'))?.status).toBe('Failed')
    await promote(world, 'no-ping', 60)
    expect(serves(world)).toEqual(['1'])
    expect(sent(world).slice(before)).toEqual(['CreateEndpoint', 'CreateEndpoint', 'UpdateEndpoint'])
    expect(told(world, '3').status).toBe('rolled-back')
  })
})

describe('an update that was sent by who died before that was recorded', () => {
  /** Of a second version; no call has an effect after the update. */
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

  test('is not undone because the registry does not answer', async () => {
    const world = await worldWith(['good'])
    world.promote(await world.register('good'))
    await diesAfterTheUpdate(world)
    world.registry.down = true
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    world.registry.down = false
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
    expect(sent(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('is watched by its alarms, which went with what was before', async () => {
    const world = await worldWith(['good'], {
      endpoint: { rollout: { kind: 'canary', percent: 10, bake: 30 * MINUTE } },
    })
    world.promote(await world.register('alarming'))
    await diesAfterTheUpdate(world)
    for (const name of world.alarms.there.keys()) world.sagemaker.alarm(name, 'OK')
    await world.alarms.remove([...world.alarms.there.keys()])
    // The claim is over after its lease.
    await pass(world, 90)
    expect(told(world, '2')).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/alarm/i) })
  })
})

describe('an update that SageMaker does not show yet', () => {
  test('is not taken for one that was taken back', async () => {
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
    expect(sent(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect(world.bus.published.map(({ type }) => type)).not.toContain('Run Failed')
  })
})

describe('an update that neither worked nor could be taken back', () => {
  test('ends with what worked', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.rollbackFails = true
    await promote(world, 'no-ping', 20)
    world.sagemaker.rollbackFails = false
    await pass(world, 60)
    const { status } = (await world.sagemaker.endpoint('delay')) ?? {}
    expect({ status, serves: serves(world) }).toEqual({ status: 'InService', serves: ['1'] })
    expect(told(world, '2').status).toBe('rolled-back')
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('a registry whose servers do not say the same', () => {
  test('keeps no function busy without end, and what is promoted is deployed once they do', async () => {
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

describe('a promoted version that never can be deployed, for it failed to be registered', () => {
  const unregistered = (world: DeploymentWorld) =>
    world.promote(world.registry.register(world.model.registered, { status: 'failed' }))

  test('keeps nobody from putting back what somebody put another configuration in place of', async () => {
    const world = await worldWith(['good', 'good'])
    const EndpointConfigName = await configOf(world, '1')
    world.sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName })
    unregistered(world)
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
  })

  test('leaves nobody waiting for the version that was on its way before it', async () => {
    const world = await worldWith(['good'])
    world.images.remove('3.17.2')
    await promote(world, 'good', 1)
    unregistered(world)
    await pass(world, 20)
    expect((await world.cursor()).refusal?.code).toBe('version-failed')
    world.images.end('3.17.2', 'SUCCEEDED')
    await promote(world, 'good')
    expect(['2', '4'].map((version) => told(world, version).status)).toEqual(['superseded', 'deployed'])
  })
})
