import { describe, expect, test } from '@jest/globals'
import { parseState, serializeState } from '../../../src/reactions/deployment/state.ts'
import { type DeploymentWorld, deploymentWorld } from '../../world/deployment-world.ts'
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

/** Runs the function on a wake-up. Its process dies at the call, before that has an effect. */
async function diesAt(world: DeploymentWorld, call: 'createModel' | 'tag'): Promise<void> {
  const port = call === 'tag' ? world.registry : world.sagemaker
  const original: unknown = Reflect.get(port, call)
  let isDead = false
  Object.assign(port, {
    [call]: async () => {
      Object.assign(port, { [call]: original })
      isDead = true
      throw new Error('the process died')
    },
  })
  world.wake()
  await world.run([0], { fault: () => (isDead ? 'dies-before' : 'none'), pause: () => 0 })
  expect(isDead).toBe(true)
}

/** The function claimed a second version and died before it deployed it. */
async function claimedAndLeft(): Promise<DeploymentWorld> {
  const world = await worldWith(['good'])
  world.promote(await world.register('good'))
  await diesAt(world, 'createModel')
  const { run, state } = await world.cursor()
  expect(run).toMatchObject({ until: expect.any(Number) })
  expect(parseState(state)).toMatchObject({ plan: 'deploy', candidate: { version: '2' } })
  return world
}

test('a promotion observes the endpoint and the mark once before the update', async () => {
  const world = await worldWith(['good'])
  const { promoted } = world.registry
  let asked = 0
  world.registry.promoted = async (...args) => {
    asked++
    return promoted.apply(world.registry, args)
  }
  world.promote(await world.register('good'))
  world.wake()
  const before = world.sagemaker.calls.length
  await world.run([0], { fault: () => 'none', pause: () => 0 })
  const calls = world.sagemaker.calls.slice(before)
  expect(calls.slice(0, calls.indexOf('UpdateEndpoint')).filter((call) => call === 'DescribeEndpoint').length).toBe(1)
  expect(asked).toBe(1)
})

describe('a plan whose executor died', () => {
  test('is carried out by another when its lease is over', async () => {
    const world = await claimedAndLeft()
    await pass(world, 40)
    expect(serves(world)).toEqual(['2'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('is dropped when another version was promoted meanwhile', async () => {
    const world = await claimedAndLeft()
    world.promote(await world.register('good'))
    await pass(world, 40)
    expect(serves(world)).toEqual(['3'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint'])
    expect([tagged(world, '2').status, tagged(world, '3').status]).toEqual(['superseded', 'deployed'])
  })

  test('is dropped when an operator went back meanwhile', async () => {
    const world = await worldWith(['good', 'good'])
    world.promote(await world.register('good'))
    await diesAt(world, 'createModel')
    await holdAt(world, '1', '3')
    await pass(world, 40)
    expect(serves(world)).toEqual(['1'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'UpdateEndpoint', 'UpdateEndpoint'])
  })

  test('is dropped when the endpoint was deleted meanwhile: the version that worked is restored first', async () => {
    const world = await claimedAndLeft()
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    expect(endpointChanges(world)).toEqual(['CreateEndpoint', 'CreateEndpoint', 'UpdateEndpoint'])
  })

  test('waits while somebody else updates the endpoint', async () => {
    const world = await claimedAndLeft()
    await pass(world, 14)
    const EndpointConfigName = await configOf(world, '1')
    world.sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName })
    world.clock.now += 2 * MINUTE
    await pass(world, 40)
    expect(serves(world)).toEqual(['2'])
    expect((await world.cursor()).refusal).toBeUndefined()
  })
})

describe('a clean-up', () => {
  test('does not start the candidate during the pause of a restore', async () => {
    const world = await worldWith(['good', 'good'])
    world.fates.set('1', 'no-ping')
    await holdAt(world, '1', '2')
    await pass(world, 13)
    const [serving] = (await world.state()).deployments
    const candidate = { ...serving!, restore: false, since: 1 }
    const report = { ...candidate, progress: 'deployed', reason: 'told again', at: 1 } as const
    await world.hold((state) => ({ ...state, candidate, pendingReports: [report] }))
    const published = world.bus.published.length
    world.wake()
    await pass(world, 0)
    expect(tagged(world, '2').reason).toBe('told again')
    expect((await world.state()).candidate?.config).toBe(candidate.config)
    expect(world.bus.published.length).toBe(published)
  })
})

describe('a clean-up whose executor died', () => {
  test('is carried out by another', async () => {
    const world = await worldWith(['good'])
    await promote(world, 'good', 5)
    world.clock.now += 10 * MINUTE
    world.sagemaker.core.advance()
    await diesAt(world, 'tag')
    expect((await world.state()).plan).toBe('clean-up')
    await pass(world, 40)
    expect([tagged(world, '1').status, tagged(world, '2').status]).toEqual(['replaced', 'deployed'])
    expect(await leftBehind(world)).toEqual([])
  })

  test('is dropped when a version that it would delete was promoted again meanwhile', async () => {
    const world = await worldWith(['good', 'good'])
    Object.assign(world.model.endpoint, { keep: 1 })
    await promote(world, 'good', 5)
    world.clock.now += 10 * MINUTE
    world.sagemaker.core.advance()
    const { deleteConfig } = world.sagemaker
    const deleted: string[] = []
    world.sagemaker.deleteConfig = async (name) => {
      deleted.push(name)
      throw new Error('throttled')
    }
    world.wake()
    await pass(world, 0)
    const { plan, leftovers = [] } = await world.state()
    expect([plan, deleted.length > 0, leftovers.length]).toEqual(['clean-up', true, 1])
    deleted.length = 0
    world.sagemaker.deleteConfig = deleteConfig
    world.promote('1')
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
    // The deployment of version 2, which is no longer kept.
    expect(world.sagemaker.calls.filter((call) => call === 'DeleteEndpointConfig').length).toBe(1)
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('a state that an older version wrote', () => {
  test.each(['before the update', 'after it'])('with a run that died %s is continued', async (when) => {
    const world = await worldWith(['good'])
    world.promote(await world.register('good'))
    await diesAt(world, 'createModel')
    const { state, ...cursor } = await world.cursor()
    await world.ledger.save({ ...cursor, state: serializeState({ ...parseState(state), plan: undefined }) })
    if (when === 'after it') {
      // As the older version did: equal content gives equal names.
      const { sagemaker } = world
      const { candidate } = parseState(state)
      const fleet = { InstanceType: 'ml.m5.large', InitialInstanceCount: 2 }
      const [ModelName] = sagemaker.exists().models
      const ProductionVariants = [{ VariantName: 'AllTraffic', ModelName, ...fleet }]
      sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName: candidate?.config, ProductionVariants })
      sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName: candidate?.config })
    }
    await pass(world, 40)
    expect(serves(world)).toEqual(['2'])
    expect(tagged(world, '2').status).toBe('deployed')
    expect((await world.cursor()).refusal).toBeUndefined()
  })
})

describe('a version that was refused', () => {
  test('stays tagged refused after another promotion', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 20)
    await promote(world, 'good')
    expect(['2', '3'].map((version) => tagged(world, version).status)).toEqual(['refused', 'deployed'])
  })

  test('is tagged once', async () => {
    const world = await worldWith(['good'])
    const version = world.registry.register(world.model.registered, { artifacts: 'none' })
    world.promote(version)
    for (let i = 0; i < 3; i++) {
      world.wake()
      await pass(world, 0)
    }
    await pass(world, 60)
    const refusals = () => world.registry.tagged.filter(({ tags }) => tags['landfall.delay.status'] === 'refused')
    expect(refusals().length).toBe(1)
    expect(world.registry.tagged.map(({ tags }) => tags['landfall.delay.status']).slice(-2)).toEqual([
      'deploying',
      'refused',
    ])
    expect((await world.state()).candidate?.refused).toBe(tagged(world, version).reason)
  })
  test('does not hide that the next one was superseded', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    world.wake()
    await pass(world, 2)
    world.images.remove('3.17.2')
    await promote(world, 'good', 5)
    await promote(world, 'good', 5)
    world.images.end('3.17.2', 'SUCCEEDED')
    await pass(world, 30)
    expect(['2', '3', '4'].map((version) => tagged(world, version).status)).toEqual([
      'refused',
      'superseded',
      'deployed',
    ])
  })
})

describe('while a model is packed, which takes minutes', () => {
  /** What others do just after the package is made. */
  async function packing(world: DeploymentWorld, meanwhile: () => void): Promise<void> {
    const { pack } = world.artifacts
    world.artifacts.pack = async (folder, at) => {
      world.artifacts.pack = pack
      const packed = await pack(folder, at)
      meanwhile()
      return packed
    }
    await promote(world, 'good', 30)
  }
  const packed = { package: { bucket: 'packages', prefix: 'p' } }

  test('an endpoint of that name that another lake creates is not updated', async () => {
    const world = deploymentWorld(packed)
    world.images.push('3.17.2')
    await packing(world, () => {
      const { sagemaker, clock } = world
      const [ModelName, EndpointConfigName] = ['theirs', 'theirs']
      const Image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/theirs:1'
      const ExecutionRoleArn = 'arn:aws:iam::123456789012:role/theirs'
      sagemaker.byHand('CreateModel', { ModelName, ExecutionRoleArn, PrimaryContainer: { Image } })
      const fleet = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 }
      const ProductionVariants = [{ VariantName: 'AllTraffic', ModelName, ...fleet }]
      sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName, ProductionVariants })
      sagemaker.byHand('CreateEndpoint', { EndpointName: 'delay', EndpointConfigName, Tags: [] })
      clock.now += 10 * MINUTE
      sagemaker.core.advance()
    })
    expect(Object.keys(world.sagemaker.serves('delay') ?? {})).toEqual(['theirs'])
    expect((await world.cursor()).refusal?.code).toBe('endpoint-taken')
  })

  test('an update by hand is not mistaken for the end of ours', async () => {
    const world = await worldWith(['good', 'good'], packed)
    const { endpoint, updateEndpoint } = world.sagemaker
    const EndpointConfigName = await configOf(world, '1')
    await packing(world, () => {
      world.sagemaker.byHand('UpdateEndpoint', { EndpointName: 'delay', EndpointConfigName })
      world.clock.now += 8 * MINUTE
      world.sagemaker.core.advance()
      world.sagemaker.updateEndpoint = async (...args) => {
        // DescribeEndpoint lags behind.
        const [before, lag] = [await endpoint('delay'), world.clock.now + 3 * MINUTE]
        world.sagemaker.endpoint = async (name) => (world.clock.now < lag ? before : endpoint(name))
        world.sagemaker.updateEndpoint = updateEndpoint
        return updateEndpoint(...args)
      }
    })
    expect(serves(world)).toEqual(['3'])
    expect(world.bus.published.map(({ type }) => type)).not.toContain('Run Failed')
  })
})
