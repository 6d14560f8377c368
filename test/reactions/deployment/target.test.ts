import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import { deploymentWorld } from '../../world/deployment-world.ts'
import {
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

describe("an operator's rollback to a version that does not start any more", () => {
  test('restores another version rather than serving nothing', async () => {
    const world = await worldWith(['good', 'good'])
    await holdAt(world, '1', '2')
    await pass(world, 30)
    world.fates.set('1', 'no-ping')
    world.sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    await pass(world, 60)
    expect(serves(world)).toEqual(['2'])
    world.fates.set('1', 'good')
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
  })
})

describe('a refusal', () => {
  test('ends when the mark moves back to the serving version', async () => {
    const world = await worldWith(['good'])
    world.promote(world.registry.register(world.model.registered, { status: 'failed' }))
    await pass(world, 20)
    expect((await world.cursor()).refusal?.code).toBe('version-failed')
    world.promote('1')
    await pass(world, 20)
    expect((await world.cursor()).refusal).toBeUndefined()
  })

  test('of credentials ends when they work again, even with nothing to deploy', async () => {
    const world = await worldWith(['good'])
    world.registry.failures.push(new Refused('unauthorized', 'they expired'))
    world.wake()
    await pass(world, 1)
    expect((await world.cursor()).refusal?.code).toBe('unauthorized')
    await pass(world, 20)
    expect((await world.cursor()).refusal).toBeUndefined()
  })
})

describe('a change of lake.yml that is replaced before it serves', () => {
  test('leaves the serving version tagged deployed: the change was reverted', async () => {
    const world = await worldWith(['good'])
    world.images.remove('3.17.2')
    Object.assign(world.model.endpoint.compute, { type: 'ml.c5.large' })
    await pass(world, 20)
    expect(tagged(world, '1').status).toBe('deploying')
    Object.assign(world.model.endpoint.compute, { type: 'ml.m5.large' })
    await pass(world, 30)
    expect(serves(world)).toEqual(['1'])
    expect(tagged(world, '1').status).toBe('deployed')
    expect(await leftBehind(world)).toEqual([])
  })

  test('leaves the serving version tagged deployed: the change was refused and reverted', async () => {
    const world = await worldWith(['good'])
    const quota = Object.assign(new Error('the limit is 2'), { name: 'ResourceLimitExceeded' })
    world.sagemaker.failCalls(1, quota, 'UpdateEndpoint')
    Object.assign(world.model.endpoint.compute, { type: 'ml.c5.large' })
    await pass(world, 20)
    expect(tagged(world, '1').status).toBe('refused')
    Object.assign(world.model.endpoint.compute, { type: 'ml.m5.large' })
    await pass(world, 30)
    expect(tagged(world, '1').status).toBe('deployed')
  })

  test('leaves the serving version tagged deployed: the next promotion fails', async () => {
    const world = await worldWith(['good'])
    world.images.remove('3.17.2')
    Object.assign(world.model.endpoint.compute, { type: 'ml.c5.large' })
    await pass(world, 20)
    await promote(world, 'no-ping', 2)
    world.images.end('3.17.2', 'SUCCEEDED')
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect([tagged(world, '1').status, tagged(world, '2').status]).toEqual(['deployed', 'rolled-back'])
  })
})

describe('a first version whose mark is removed while its container is built', () => {
  test('does not stay tagged deploying', async () => {
    const world = deploymentWorld()
    await promote(world, 'good', 1)
    world.registry.unalias(world.model.registered, 'champion')
    world.images.end('3.17.2', 'SUCCEEDED')
    await pass(world, 30)
    expect(tagged(world, '1').status).toBe('superseded')
    expect(serves(world)).toEqual([])
    await promote(world, 'good')
    expect(serves(world)).toEqual(['2'])
    expect(await leftBehind(world)).toEqual([])
  })
})

describe('an endpoint of another lake, where no version has the mark', () => {
  test('is refused, and no rollback is published', async () => {
    const world = await worldWith(['good'])
    const { sagemaker, clock, bus } = world
    world.registry.unalias(world.model.registered, 'champion')
    sagemaker.byHand('DeleteEndpoint', { EndpointName: 'delay' })
    clock.now += 2 * MINUTE
    sagemaker.core.advance()
    const fleet = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 }
    const variant = { VariantName: 'AllTraffic', ModelName: sagemaker.exists().models[0], ...fleet }
    sagemaker.byHand('CreateEndpointConfig', { EndpointConfigName: 'theirs', ProductionVariants: [variant] })
    const Tags = [{ Key: 'landfall:stack', Value: 'landfall-other-prod' }]
    sagemaker.byHand('CreateEndpoint', { EndpointName: 'delay', EndpointConfigName: 'theirs', Tags })
    await pass(world, 60)
    expect(Object.keys(sagemaker.serves('delay') ?? {})).toEqual(['theirs'])
    expect((await world.cursor()).refusal?.code).toBe('endpoint-taken')
    expect(bus.published.filter(({ type }) => type === 'Endpoint Rolled Back')).toEqual([])
  })
})

describe('an update that failed and could not be rolled back', () => {
  test('is followed by a restore even if the next promotion is refused', async () => {
    const world = await worldWith(['good'])
    world.sagemaker.rollbackFails = true
    await promote(world, 'alarming', 3)
    world.promote(world.registry.register(world.model.registered, { artifacts: 'none' }))
    await pass(world, 10)
    world.sagemaker.rollbackFails = false
    await pass(world, 60)
    expect(serves(world)).toEqual(['1'])
    expect((await world.cursor()).refusal?.code).toBe('no-artifacts')
  })
})

describe('a version that is being deployed and becomes the target of a rollback', () => {
  test('does not stay tagged deploying if it never serves', async () => {
    const world = await worldWith(['good', 'good'])
    world.images.remove('3.17.2')
    world.sagemaker.byHand('DeleteEndpointConfig', { EndpointConfigName: await configOf(world, '1') })
    world.promote('1')
    world.wake()
    await pass(world, 2)
    expect(tagged(world, '1').status).toBe('deploying')
    await holdAt(world, '1', '1')
    await pass(world, 2)
    await undoHold(world)
    world.promote('2')
    await pass(world, 40)
    expect(serves(world)).toEqual(['2'])
    expect(tagged(world, '1').status).toBe('superseded')
  })
})
