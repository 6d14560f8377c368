import { expect, test } from '@jest/globals'
import { ScalingCore } from '../../../local/sagemaker/core/scaling.ts'
import { configSpec, modelSpec } from '../../reactions/deployment/sagemaker.suite.ts'
import { sagemakerTwin } from '../../reactions/deployment/sagemaker.twin.ts'

const target = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/e/variant/AllTraffic',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
}
const policy = {
  ...target,
  PolicyName: 'p',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 100,
    PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
  },
}

async function given() {
  const clock = { now: 1_790_000_000_000 }
  const twin = sagemakerTwin({ now: () => clock.now, durations: { provision: 1000 } })
  await twin.createModel(modelSpec('m'))
  await twin.createConfig(configSpec('c', 'm'))
  await twin.createEndpoint('e', 'c', {})
  const scaling = new ScalingCore({ now: () => clock.now, endpoint: (name) => twin.core.endpoints.get(name) })
  return { clock, twin, scaling }
}

test('only variants of endpoints in service are registered, and only with valid limits', async () => {
  const { clock, twin, scaling } = await given()
  const register = (change: object) => scaling.call('RegisterScalableTarget', { ...target, ...change })
  const limits = { MinCapacity: 1, MaxCapacity: 2 }
  expect(() => register(limits)).toThrow(/in service/)
  clock.now += 1000
  twin.core.advance()
  expect(() => register({ ...limits, ResourceId: 'endpoint/e' })).toThrow(/Unsupported/)
  expect(() => register({ ...limits, ResourceId: 'endpoint/e/variant/Other' })).toThrow(/Other/)
  expect(() => register({ ...limits, ScalableDimension: 'ecs:service:DesiredCount' })).toThrow(/scalableDimension/)
  expect(() => register({ MinCapacity: 1 })).toThrow(/required/)
  expect(() => register({ MinCapacity: 3, MaxCapacity: 2 })).toThrow(/less than minimum/)
  register(limits)
  register({ MaxCapacity: 4 })
  expect(scaling.call('DescribeScalableTargets', { ServiceNamespace: 'sagemaker' })).toMatchObject({
    ScalableTargets: [{ MinCapacity: 1, MaxCapacity: 4 }],
  })
})

test('a policy needs its target, and is deleted with it', async () => {
  const { clock, twin, scaling } = await given()
  const missing = expect.objectContaining({ name: 'ObjectNotFoundException' })
  expect(() => scaling.call('PutScalingPolicy', policy)).toThrow(missing)
  clock.now += 1000
  twin.core.advance()
  scaling.call('RegisterScalableTarget', { ...target, MinCapacity: 1, MaxCapacity: 2 })
  scaling.call('PutScalingPolicy', policy)
  scaling.call('PutScalingPolicy', policy)
  const policies = () => scaling.call('DescribeScalingPolicies', { ServiceNamespace: 'sagemaker' })
  expect(policies()).toMatchObject({ ScalingPolicies: [{ PolicyName: 'p' }] })
  scaling.call('DeregisterScalableTarget', target)
  expect(policies()).toEqual({ ScalingPolicies: [] })
  expect(() => scaling.call('DeregisterScalableTarget', target)).toThrow(missing)
  expect(() => scaling.call('DeleteScalingPolicy', { ...target, PolicyName: 'p' })).toThrow(missing)
  expect(() => scaling.call('PutScheduledAction', {})).toThrow(/is not implemented/)
})
