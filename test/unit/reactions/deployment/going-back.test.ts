import { describe, expect, test } from '@jest/globals'
import { type DeploymentWorld, deploymentWorld, type Fate } from '../../../world/deployment-world.ts'
import { calm } from '../../../world/lake-world.ts'

const MINUTE = 60_000

/** Time passes, and the sweep runs every quarter of an hour. */
async function pass(world: DeploymentWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute % 15 === 14) world.wake(true)
    for (let round = 0; round < 3 && world.waiting() > 0; round++)
      await world.run(
        Array.from({ length: world.waiting() }, (_, at) => at),
        calm,
      )
    if (minute < minutes) world.clock.now += MINUTE
    world.sagemaker.core.advance()
  }
}

async function promote(world: DeploymentWorld, fate: Fate, minutes = 30): Promise<string> {
  const version = await world.register(fate)
  world.promote(version)
  world.wake()
  await pass(world, minutes)
  return version
}

async function worldWith(fates: readonly Fate[], over: Parameters<typeof deploymentWorld>[0] = {}) {
  const world = deploymentWorld(over)
  world.images.push('3.17.2')
  for (const fate of fates) await promote(world, fate)
  return world
}

const configOf = async (world: DeploymentWorld, version: string) =>
  (await world.memo()).deployments.find((each) => each.version === version)!.config
const serves = (world: DeploymentWorld) =>
  Object.keys(world.sagemaker.serves('delay') ?? {}).map((config) => /-v(\d+)-/.exec(config)?.[1])
const tags = (world: DeploymentWorld, version: string) => world.registry.tags(world.model.registered, version) ?? {}

describe('a version that failed while it serves', () => {
  test('is taken out of service although a newer one is promoted that is refused', async () => {
    const world = await worldWith(['good'])
    await promote(world, 'nonsense', 3)
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect((await world.cursor()).refusal?.code).toBe('no-artifacts')
  })

  test('is taken out of service although the registry is down, and is told of it later', async () => {
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

  test('is taken out of service for another that worked, where the last one was deleted by hand', async () => {
    const world = await worldWith(['good', 'good'])
    await promote(world, 'nonsense', 3)
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: await configOf(world, '2') })
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('an operator who goes back', () => {
  test('needs no registry', async () => {
    const world = await worldWith(['good', 'good'])
    const [over, to] = [await configOf(world, '2'), await configOf(world, '1')]
    world.registry.down = true
    await world.hold((memo) => ({ ...memo, held: { to, over, at: 1 } }))
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

describe('a version that is kept', () => {
  test('is made anew where it was deleted by hand and is promoted again', async () => {
    const world = await worldWith(['good', 'good'])
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: await configOf(world, '1') })
    world.promote('1')
    world.wake()
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('autoscaling', () => {
  const compute = { kind: 'instances', type: 'ml.m5.large', min: 2, max: 6, invocations: 100 } as const

  test('that cannot be set keeps no newer version from being deployed, and is set when it can be', async () => {
    const world = deploymentWorld({ endpoint: { compute } })
    world.images.push('3.17.2')
    world.sagemaker.failCalls(Infinity, new Error('no right'), 'RegisterScalableTarget')
    await promote(world, 'good')
    await promote(world, 'good')
    expect(serves(world)).toEqual(['2'])
    world.sagemaker.failCalls(0, new Error(), 'RegisterScalableTarget')
    await pass(world, 30)
    expect(world.sagemaker.scaled('delay')).toEqual({ min: 2, max: 6 })
  })

  test('ends for the update to another type of instances, which SageMaker refuses otherwise, and is set again', async () => {
    const over = { endpoint: { compute: { ...compute } } }
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

  test('is taken over once it is handed over', async () => {
    const world = deploymentWorld()
    world.images.push('3.17.2')
    theirs(world, [{ Key: 'landfall:stack', Value: 'landfall-test-prod' }])
    await pass(world, 10)
    await promote(world, 'good')
    expect(serves(world)).toEqual(['1'])
  })
})
