import { describe, expect, test } from '@jest/globals'
import { type DeploymentWorld, deploymentWorld } from '../../world/deployment-world.ts'
import { autoscaled, configOf, MINUTE, pass, promote, serves, worldWith } from '../../world/promotions.ts'

const tags = (world: DeploymentWorld, version: string) => world.registry.tags(world.model.registered, version) ?? {}

describe('a version that failed its smoke test and serves', () => {
  test('is taken out of service even if a newer promotion is refused', async () => {
    const world = await worldWith(['good'])
    await promote(world, 'nonsense', 3)
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect((await world.cursor()).refusal?.code).toBe('no-artifacts')
  })

  test('is taken out of service while the registry is down, and tagged later', async () => {
    const world = await worldWith(['good'])
    const version = await promote(world, 'nonsense', 3)
    world.registry.down = true
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(tags(world, version)['landfall.delay.status']).toBe('deploying')
    world.registry.down = false
    await pass(world, 30)
    expect(tags(world, version)['landfall.delay.status']).toBe('rolled-back')
  })

  test('is replaced by an older version if the last one was deleted by hand', async () => {
    const world = await worldWith(['good', 'good'])
    await promote(world, 'nonsense', 3)
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: await configOf(world, '2') })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('a rollback by an operator', () => {
  test('needs no registry', async () => {
    const world = await worldWith(['good', 'good'])
    const to = await configOf(world, '1')
    world.registry.down = true
    await world.hold((state) => ({ ...state, held: { to, heldAgainst: '2', at: 1 } }))
    world.wake()
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    world.registry.down = false
    await pass(world, 30)
    expect(tags(world, '2')).toMatchObject({
      'landfall.delay.status': 'rolled-back',
      'landfall.delay.reason': 'an operator went back to version 1',
    })
  })
})

describe('a change of lake.yml', () => {
  test("does not end an operator's rollback", async () => {
    const world = await worldWith(['good', 'good'])
    const to = await configOf(world, '1')
    await world.hold((state) => ({ ...state, held: { to, heldAgainst: '2', at: 1 } }))
    world.wake()
    await pass(world, 30)
    Object.assign(world.model.endpoint.compute, { min: 4, max: 4 })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })

  test('that fails leaves the version serving, tagged with the reason', async () => {
    const world = await worldWith(['good'])
    Object.assign(world.model.endpoint.compute, { type: 'ml.c5.large' })
    world.fates.set('1', 'no-ping')
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect(tags(world, '1')).toMatchObject({
      'landfall.delay.status': 'deployed',
      'landfall.delay.reason': expect.stringContaining('the change of lake.yml failed'),
    })
  })
})

describe('while a model is packed, which takes minutes', () => {
  test.each(['a newer promotion', 'a rollback'])('%s replaces the deployment', async (which) => {
    const world = await worldWith(['good', 'good'], { package: { bucket: 'packages', prefix: 'p' } })
    const to = await configOf(world, '1')
    const { pack } = world.artifacts
    world.artifacts.pack = async (folder, at) => {
      const packed = await pack(folder, at)
      world.artifacts.pack = pack
      world.clock.now += 5 * MINUTE
      if (which === 'a rollback') await world.hold((state) => ({ ...state, held: { to, heldAgainst: '3', at: 1 } }))
      else world.promote(await world.register('good'))
      return packed
    }
    const before = world.sagemaker.calls.length
    await promote(world, 'good')
    expect(serves(world)).toEqual([which === 'a rollback' ? '1' : '4'])
    expect(world.sagemaker.calls.slice(before).filter((call) => call === 'UpdateEndpoint').length).toBe(1)
  })
})

test('a version that cannot be packed in time fails, and is not packed again by each sweep', async () => {
  const world = await worldWith(['good'], { package: { bucket: 'packages', prefix: 'p' } })
  world.artifacts.isSlow = true
  await promote(world, 'good')
  const packs = () => world.artifacts.calls.filter((call) => call.startsWith('pack')).length
  const before = packs()
  world.wake(true)
  await pass(world, 20)
  expect([serves(world), packs()]).toEqual([['1'], before])
  expect(tags(world, '2')).toMatchObject({
    'landfall.delay.status': 'rolled-back',
    'landfall.delay.reason': expect.stringMatching(/within 13 minutes: .* without `package`/),
  })
  world.artifacts.isSlow = false
  await promote(world, 'good')
  expect(serves(world)).toEqual(['3'])
})

describe('a smoke test that cannot be run', () => {
  test('is run again, and does not count as a bad response', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.failCalls(1, new Error('ModelNotReady'), 'InvokeEndpoint')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['2'])
  })

  test('does not block a newer version', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.failCalls(4, new Error('AccessDenied'), 'InvokeEndpoint')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['1'])
    await promote(world, 'good')
    expect(serves(world)).toEqual(['3'])
  })
})

describe('an endpoint that was deleted by hand', () => {
  test('is created again only while a version has the mark', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 40)
    expect(serves(world)).toEqual(['1'])
    world.registry.unalias(world.model.registered, 'champion')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(world.sagemaker.exists().endpoints).toEqual([])
  })
})

describe('a version that is kept', () => {
  test('is created again if it was deleted by hand and is promoted again', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: await configOf(world, '1') })
    world.promote('1')
    world.wake()
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('autoscaling', () => {
  test('that cannot be set does not block a newer version, and is set later', async () => {
    const world = deploymentWorld({ endpoint: { compute: autoscaled() } })
    world.images.push('3.17.2')
    world.sagemaker.failCalls(Infinity, new Error('no right'), 'RegisterScalableTarget')
    await promote(world, 'good')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['2'])
    world.sagemaker.failCalls(0, new Error(), 'RegisterScalableTarget')
    await pass(world, 30)
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
  })

  test('is removed for an update to another instance type, which SageMaker would reject, and is set again', async () => {
    const over = { endpoint: { compute: autoscaled() } }
    const world = await worldWith(['good'], over)
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
    Object.assign(world.model.endpoint.compute, { type: 'ml.m5.xlarge' })
    world.wake()
    await pass(world, 30)
    const calls = world.sagemaker.calls.filter((call) => /Scalable|UpdateEndpoint$/.test(call))
    expect(calls).toEqual([
      'RegisterScalableTarget',
      'DeregisterScalableTarget',
      'UpdateEndpoint',
      'RegisterScalableTarget',
    ])
  })
})

describe('scaling', () => {
  test('is set again if the update that it was removed for is refused', async () => {
    const world = await worldWith(['good'], { endpoint: { compute: autoscaled() } })
    Object.assign(world.model.endpoint.compute, { type: 'ml.m5.xlarge' })
    const quota = Object.assign(new Error('the limit is 2'), { name: 'ResourceLimitExceeded' })
    world.sagemaker.failCalls(Infinity, quota, 'UpdateEndpoint')
    await pass(world, 60)
    expect((await world.cursor()).refusal?.code).toBe('limit-exceeded')
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
  })
})

describe('an endpoint that was deleted by hand while what is promoted is refused', () => {
  test('is created again with the last version that worked', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 20)
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('an endpoint that Landfall did not make', () => {
  const theirs = (world: DeploymentWorld, Tags: object[]) => {
    const { sagemaker } = world
    const Image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/theirs:1'
    sagemaker.byHand('CreateModel', {
      ModelName: 'theirs',
      ExecutionRoleArn: 'arn:aws:iam::123456789012:role/theirs',
      PrimaryContainer: { Image },
    })
    const variant = {
      VariantName: 'AllTraffic',
      ModelName: 'theirs',
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 1,
    }
    sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName: 'theirs', ProductionVariants: [variant] })
    sagemaker.byHand('CreateEndpoint', { EndpointName: 'delay', EndpointConfigName: 'theirs', Tags })
  }

  test.each([
    ['nobody', []],
    ['another lake', [{ Key: 'landfall:stack', Value: 'landfall-other-prod' }]],
  ])('is not taken from %s', async (_whose, given) => {
    const world = deploymentWorld()
    world.images.push('3.17.2')
    theirs(world, given)
    await pass(world, 10)
    await promote(world, 'good')
    expect(Object.keys(world.sagemaker.serves('delay') ?? {})).toEqual(['theirs'])
    expect((await world.cursor()).refusal).toMatchObject({ code: 'endpoint-taken' })
    expect(tags(world, '1')['landfall.delay.status']).toBe('refused')
  })

  test('is updated once it has our tag', async () => {
    const world = deploymentWorld()
    world.images.push('3.17.2')
    theirs(world, [{ Key: 'landfall:stack', Value: 'landfall-test-prod' }])
    await pass(world, 10)
    await promote(world, 'good')
    expect(serves(world)).toEqual(['1'])
  })
})
