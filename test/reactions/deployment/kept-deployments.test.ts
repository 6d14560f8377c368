import { describe, expect, test } from '@jest/globals'
import { type DeploymentWorld, deploymentWorld } from '../../world/deployment-world.ts'
import {
  autoscaled,
  configOf,
  holdAt,
  leftBehind,
  undoHold,
  MINUTE,
  pass,
  promote,
  serves,
  tagged,
  worldWith,
} from '../../world/promotions.ts'

const described = ({ sagemaker }: DeploymentWorld) => sagemaker.byHand('DescribeEndpoint', { EndpointName: 'delay' })

describe('a rollback by an operator', () => {
  test('during an update takes effect when that ends', async () => {
    const world = await worldWith(['good', 'good'])
    await promote(world, 'good', 5)
    await holdAt(world, '2', '3')
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect(tagged(world, '3')).toEqual({ status: 'rolled-back', reason: 'an operator went back to version 2' })
    expect(await leftBehind(world)).toEqual([])
  })

  test('keeps its target, however many newer deployments there are', async () => {
    const world = await worldWith(['good', 'good', 'good'])
    Object.assign(world.model.endpoint, { keep: 1 })
    await promote(world, 'good', 5)
    await holdAt(world, '1', '4')
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(await leftBehind(world)).toEqual([])
    await undoHold(world)
    await pass(world, 60)
    expect(serves(world)).toEqual(['4'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('ends once another version worked, even if the mark moves back', async () => {
    const world = await worldWith(['good', 'good'])
    await holdAt(world, '1', '2')
    await pass(world, 30)
    await promote(world, 'good')
    world.promote('2')
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
  })

  test('ends once the mark was on its own target', async () => {
    const world = await worldWith(['good', 'good'])
    await holdAt(world, '1', '2')
    await pass(world, 30)
    world.promote('1')
    await pass(world, 30)
    world.promote('2')
    await pass(world, 30)
    expect(serves(world)).toEqual(['2'])
  })

  test('ends with the next promotion, and undoing it then changes nothing', async () => {
    const world = await worldWith(['good', 'good'])
    await holdAt(world, '1', '2')
    await pass(world, 30)
    await promote(world, 'good', 1)
    await undoHold(world)
    await pass(world, 60)
    expect(serves(world)).toEqual(['3'])
    expect(world.sagemaker.calls.filter((call) => call === 'UpdateEndpoint').length).toBe(3)
    expect(tagged(world, '1').status).toBe('replaced')
    expect(await leftBehind(world)).toEqual([])
  })

  test('runs no smoke test, which lake.yml may have changed since', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('1', 'nonsense')
    await holdAt(world, '1', '2')
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
    expect(tagged(world, '1').status).toBe('deployed')
  })

  test('happens all at once, while a promotion uses the roll-out of lake.yml', async () => {
    const world = await worldWith(['good', 'good'])
    const policy = (routing: object) => ({
      LastDeploymentConfig: { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing } },
    })
    expect(described(world)).toMatchObject(policy({ Type: 'CANARY', CanarySize: { Value: 10 } }))
    await holdAt(world, '1', '2')
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
    expect(described(world)).toMatchObject(policy({ Type: 'ALL_AT_ONCE' }))
  })
})

describe('a first version that failed its smoke test', () => {
  test('keeps serving, with its model and configuration, until another version works', async () => {
    const world = await worldWith(['nonsense', 'no-ping'])
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    const [config] = Object.keys(world.sagemaker.serves('delay') ?? {})
    expect(world.sagemaker.exists().configs).toContain(config)
    expect(tagged(world, '1')).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/keeps serving/) })
    await promote(world, 'good')
    expect(serves(world)).toEqual(['3'])
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('the instances of an endpoint', () => {
  test('follow lake.yml when it changes their number or autoscaling', async () => {
    const world = await worldWith(['good'])
    const { compute } = world.model.endpoint
    Object.assign(compute, { max: 6, invocations: 100 })
    await pass(world, 40)
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
    Object.assign(compute, { min: 4, max: 4 })
    await pass(world, 40)
    expect(world.sagemaker.scaled('delay')).toBeUndefined()
    expect(described(world)).toMatchObject({ ProductionVariants: [{ CurrentInstanceCount: 4 }] })
    expect(await leftBehind(world)).toEqual([])
  })

  test('scale again after a rolled back update, which removed autoscaling', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: autoscaled() } })
    Object.assign(world.model.endpoint.compute, { type: 'ml.m5.xlarge' })
    world.fates.set('1', 'no-ping')
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
  })

  test("follow an operator's rollback, and another instance type can be deployed after it", async () => {
    const world = await worldWith(['good', 'good'])
    const { compute } = world.model.endpoint
    await holdAt(world, '1', '2')
    Object.assign(compute, { ...autoscaled(), type: 'ml.c5.large' })
    await pass(world, 30)
    expect([serves(world), world.sagemaker.scaled('delay')]).toEqual([['1'], undefined])
    await promote(world, 'good')
    expect([serves(world), world.sagemaker.scaled('delay')]).toEqual([['3'], { min: 2, max: 6 }])
  })

  test('do not scale once lake.yml has no autoscaling, since the function has no right to set it', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: autoscaled() } })
    Object.assign(world.model.endpoint.compute, { max: 2 })
    await promote(world, 'good')
    world.sagemaker.failCalls(Infinity, new Error('AccessDenied'), 'RegisterScalableTarget')
    await holdAt(world, '1', '2')
    await pass(world, 30)
    expect([serves(world), world.sagemaker.scaled('delay')]).toEqual([['1'], undefined])
    expect(tagged(world, '1').status).toBe('deployed')
    expect(await leftBehind(world)).toEqual([])
  })

  test('may change their type after an update by hand to a configuration without autoscaling', async () => {
    const world = await worldWith(['good', 'good'])
    const { compute } = world.model.endpoint
    Object.assign(compute, autoscaled())
    await pass(world, 30)
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
    const EndpointConfigName = await configOf(world, '1')
    world.sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName })
    Object.assign(compute, { type: 'ml.c5.large' })
    await pass(world, 60)
    expect((await world.state()).deployments[0]?.instance).toBe('ml.c5.large')
    expect((await world.cursor()).refusal).toBeUndefined()
  })

  test('may change their type while earlier autoscaling is still to be removed', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: autoscaled() } })
    const { compute } = world.model.endpoint
    Object.assign(compute, { max: 2 })
    world.sagemaker.failCalls(Infinity, new Error('throttled'), 'DeregisterScalableTarget')
    await pass(world, 20)
    world.sagemaker.failCalls(0, new Error(), 'DeregisterScalableTarget')
    Object.assign(compute, { type: 'ml.c5.large' })
    await pass(world, 30)
    expect((await world.cursor()).refusal).toBeUndefined()
    expect(await leftBehind(world)).toEqual([])
    expect(described(world)).toMatchObject({ EndpointConfigName: (await world.state()).deployments[0]?.config })
    expect((await world.state()).deployments[0]?.instance).toBe('ml.c5.large')
    expect(world.sagemaker.scaled('delay')).toBeUndefined()
  })
})

describe('packages', () => {
  const moved = { bucket: 'packages', prefix: 'new' }

  test('of deployments that are not kept are deleted, but only where lake.yml puts packages now', async () => {
    const world = await worldWith(['good', 'good'], { package: { bucket: 'packages', prefix: 'old' } })
    Object.assign(world.model, { package: moved })
    await pass(world, 30)
    for (let i = 0; i < 4; i++) await promote(world, 'good')
    const kept = (await world.state()).deployments.map(({ packed = '' }) => packed)
    expect([...world.artifacts.packages.keys()].filter((at) => at.includes('/new/')).toSorted()).toEqual(
      kept.toSorted(),
    )
    expect(world.artifacts.calls.filter((call) => call.startsWith('remove s3://packages/old/'))).toEqual([])
    expect(await leftBehind(world)).toEqual([])
  })

  test('leave out folder markers; without a package a version with a marker is refused', async () => {
    const withPackage = { package: { bucket: 'packages', prefix: 'p' } }
    const found = []
    for (const over of [{}, withPackage]) {
      const world = deploymentWorld(over)
      world.images.push('3.17.2')
      const version = await world.register('good')
      const folder = await world.registry.artifacts(world.model.registered, version)
      world.artifacts.put(folder, { 'data/': '' })
      world.promote(version)
      await pass(world, 30)
      found.push((await world.cursor()).refusal?.code ?? serves(world))
    }
    expect(found).toEqual(['bad-artifacts', ['1']])
  })
})

describe('the tags of a version', () => {
  test('say `deploying` once while its container is built', async () => {
    const world = deploymentWorld()
    await promote(world, 'good', 40)
    const texts = world.registry.tagged.map(({ tags }) => tags['landfall.delay.status'])
    expect(texts).toEqual(['deploying'])
    world.images.end('3.17.2', 'SUCCEEDED')
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
  })

  test('may all be rejected by the registry without stopping anything else', async () => {
    const world = await worldWith(['good'])
    world.registry.tag = async () => {
      throw new Error('500')
    }
    await promote(world, 'good')
    await promote(world, 'nonsense')
    expect(serves(world)).toEqual(['2'])
    await holdAt(world, '1', '3')
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
    for (let i = 0; i < 4; i++) await promote(world, 'good')
    expect(serves(world)).toEqual(['7'])
    expect((await world.state()).deployments.length).toBe(3)
  })
})

describe('a model that is not in lake.yml for a while', () => {
  test.each([0, 1, 3, 6])('continues where it was, removed %s minutes after its promotion', async (minutes) => {
    const world = await worldWith(['good'])
    await promote(world, 'good', minutes)
    const { name } = world.model.endpoint
    Object.assign(world.model.endpoint, { name: 'other' })
    await pass(world, 40)
    Object.assign(world.model.endpoint, { name })
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect((await world.cursor()).refusal).toBeUndefined()
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('a clock that goes back by a day', () => {
  test.each([0, 1, 3, 8])('%s minutes after a promotion does no harm', async (minutes) => {
    const world = await worldWith(['good'])
    await promote(world, 'good', minutes)
    world.clock.now -= 24 * 60 * MINUTE
    await pass(world, 25 * 60)
    expect(serves(world)).toEqual(['2'])
    expect(await configOf(world, '1')).toBeDefined()
    expect(await leftBehind(world)).toEqual([])
  })
})
