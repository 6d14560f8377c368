import { expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import { canary, configSpec, modelSpec } from './sagemaker.suite.ts'
import { sagemakerTwin, type TwinOptions } from './sagemaker.twin.ts'

async function given(options: Partial<TwinOptions> = {}) {
  const clock = { now: 1_790_000_000_000 }
  const twin = sagemakerTwin({ now: () => clock.now, durations: { provision: 1000 }, ...options })
  await twin.createModel(modelSpec('m'))
  for (const name of ['c1', 'c2']) await twin.createConfig(configSpec(name, 'm'))
  expect(await twin.createEndpoint('e', 'c1', {})).toBe('sent')
  clock.now += 1000
  return { clock, twin }
}

const named = (name: string) => Object.assign(new Error('Rate exceeded'), { name })

test.each(['ThrottlingException', 'InternalFailure', 'ServiceUnavailable'])(
  '%s is not a refusal: the same call may succeed later',
  async (name) => {
    const { twin } = await given()
    const calls = [
      () => twin.endpoint('e'),
      () => twin.createModel(modelSpec('n')),
      () => twin.createConfig(configSpec('c3', 'm')),
      () => twin.createEndpoint('f', 'c1', {}),
      () => twin.updateEndpoint('e', 'c2', canary),
      () => twin.deleteEndpoint('e'),
      () => twin.deleteConfig('c2'),
      () => twin.deleteModel('m'),
      () => twin.invoke('e', '{}'),
      () => twin.scale('e', { kind: 'instances', type: 'ml.m5.large', min: 1, max: 2, invocations: 1 }),
    ]
    for (const call of calls) {
      twin.failCalls(1, named(name))
      await expect(call()).rejects.toMatchObject({ name })
    }
    expect(twin.exists()).toEqual({ models: ['m'], configs: ['c1', 'c2'], endpoints: ['e'] })
  },
)

test('a reached quota is refused with advice', async () => {
  const { twin } = await given({ limits: { endpoints: 1, models: 1, configs: 2, instances: 3 } })
  for (const call of [
    () => twin.createModel(modelSpec('n')),
    () => twin.createConfig(configSpec('c3', 'm')),
    () => twin.createEndpoint('f', 'c1', {}),
    () => twin.updateEndpoint('e', 'c2', canary),
  ]) {
    const refused = await call().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({
      code: 'limit-exceeded',
      detail: { advice: expect.stringContaining('Service Quotas'), found: expect.stringContaining('limit') },
      cause: expect.objectContaining({ name: 'ResourceLimitExceeded' }),
    })
  }
})

test('an endpoint that was deleted by hand is observed again, not taken for updated', async () => {
  const { clock, twin } = await given()
  twin.byHand('DeleteEndpoint', { EndpointName: 'e' })
  clock.now += 1000
  expect(await twin.updateEndpoint('e', 'c2', canary)).toBe('busy')
  expect(await twin.endpoint('e')).toBeUndefined()
})

test('an endpoint whose current configuration was deleted is refused with advice', async () => {
  const { twin } = await given()
  twin.byHand('DeleteEndpointConfig', { EndpointConfigName: 'c1' })
  await expect(twin.updateEndpoint('e', 'c2', canary)).rejects.toMatchObject({
    code: 'sagemaker-refused',
    message: expect.stringContaining('the configuration c1 that it serves was deleted'),
    detail: { advice: expect.stringContaining('delete the endpoint') },
  })
  expect(await twin.updateEndpoint('e', 'never-made', canary)).toBe('no-config')
})

test("a container on instances has time to install requirements; a serverless one has SageMaker's default", async () => {
  const { twin } = await given()
  const data = { kind: 'package', location: { bucket: 'models', prefix: 'm.tar.gz' } } as const
  const compute = { kind: 'serverless', memory: 2048, concurrency: 10 } as const
  await twin.createModel(modelSpec('s', { data }))
  await twin.createConfig(configSpec('s1', 's', { compute }))
  const variant = (config: string) => twin.core.configs.get(config)!.variant
  expect(variant('c1').ContainerStartupHealthCheckTimeoutInSeconds).toBe(1_200)
  expect(variant('s1').ContainerStartupHealthCheckTimeoutInSeconds).toBeUndefined()
})

test('serverless is updated without guardrails', async () => {
  const { clock, twin } = await given()
  const data = { kind: 'package', location: { bucket: 'models', prefix: 'm.tar.gz' } } as const
  const compute = { kind: 'serverless', memory: 2048, concurrency: 10, provisioned: 2 } as const
  await twin.createModel(modelSpec('s', { data }))
  for (const name of ['s1', 's2']) await twin.createConfig(configSpec(name, 's', { compute }))
  await twin.createConfig(configSpec('s2', 's', { compute }))
  await twin.createEndpoint('s', 's1', {})
  clock.now += 1000
  const guard = { alarms: [], retainCapacity: false }
  expect(await twin.updateEndpoint('s', 's2', guard)).toBe('sent')
  clock.now += 1000
  expect(await twin.endpoint('s')).toMatchObject({ status: 'InService', config: 's2' })
  expect(twin.serves('s')).toEqual({ s2: 100 })
})
