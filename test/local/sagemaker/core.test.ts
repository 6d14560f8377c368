import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CoreOptions, SageMakerCore } from '../../../local/sagemaker/core/service.ts'
import type { EndpointEvent } from '../../../local/sagemaker/core/views.ts'

const ROLE = 'arn:aws:iam::000000000000:role/landfall-model'
const MINUTE = 60_000

function given(options: Partial<CoreOptions> = {}) {
  const clock = { now: 1_790_000_000_000 }
  const events: EndpointEvent[] = []
  const running = new Set<number>()
  const firing = new Set<string>()
  const core = new SageMakerCore({
    now: () => clock.now,
    launch: ({ id }) => (running.add(id), { kind: 'healthy' }),
    retire: ({ id }) => void running.delete(id),
    alarmState: (name) => (firing.has(name) ? 'ALARM' : 'OK'),
    onEvent: (event) => events.push(event),
    durations: { provision: MINUTE, rollback: MINUTE, delete: MINUTE },
    ...options,
  })
  const model = (ModelName: string, source: object = {}) =>
    core.call('CreateModel', {
      ModelName,
      PrimaryContainer: { Image: 'image', ModelDataSource: { S3DataSource: { ...prefix, ...source } } },
      ExecutionRoleArn: ROLE,
    })
  const config = (EndpointConfigName: string, variant: object = {}, more: object = {}) =>
    core.call('CreateEndpointConfig', {
      EndpointConfigName,
      ProductionVariants: [{ ...instances, ModelName: 'm', ...variant }],
      ...more,
    })
  const describeIt = () => core.call('DescribeEndpoint', { EndpointName: 'e' }) as Record<string, unknown>
  const update = (EndpointConfigName: string, more: object = {}) =>
    core.call('UpdateEndpoint', { EndpointName: 'e', EndpointConfigName, ...more })
  return { clock, core, events, running, firing, model, config, describe: describeIt, update }
}

/** An endpoint `e` in service on `c1`, and a configuration `c2`. */
function inService(options: Partial<CoreOptions> = {}, second: object = {}, more: readonly object[] = []) {
  const world = given(options)
  world.model('m')
  world.config('c1', {}, more[0])
  world.config('c2', second, more[1])
  world.core.call('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'c1', Tags: [{ Key: 'k', Value: 'v' }] })
  world.clock.now += MINUTE
  expect(world.describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'c1' })
  return world
}

const prefix = { S3Uri: 's3://models/m/', S3DataType: 'S3Prefix', CompressionType: 'None' }
const instances = { VariantName: 'AllTraffic', InstanceType: 'ml.m5.large', InitialInstanceCount: 2 }
const serverless = {
  InstanceType: undefined,
  InitialInstanceCount: undefined,
  ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
}
const canary = (more: object = {}, policy: object = {}) => ({
  DeploymentConfig: {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: 'CANARY',
        WaitIntervalInSeconds: 60,
        CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
        ...policy,
      },
      TerminationWaitInSeconds: 120,
    },
    ...more,
  },
})
const alarms = (...names: string[]) => ({
  AutoRollbackConfiguration: { Alarms: names.map((AlarmName) => ({ AlarmName })) },
})
const traffic = ({ core }: { core: SageMakerCore }) =>
  Object.fromEntries(core.serving('e').map((fleet) => [fleet.config.input.EndpointConfigName, fleet.traffic]))

describe('invalid requests', () => {
  const bad = (call: () => unknown) => expect(call)

  test('have names, members or ranges that the API does not allow', () => {
    const { core, config, model } = given()
    model('m')
    bad(() => model('no spaces')).toThrow(/1 validation error detected: Value 'no spaces' at 'modelName' failed/)
    bad(() => model('a'.repeat(64))).toThrow(/modelName/)
    bad(() => config('c', { InitialInstanceCount: 0 })).toThrow(/productionVariants.1.member.initialInstanceCount/)
    bad(() => config('c', { VariantName: undefined })).toThrow(
      /Value 'null' at 'productionVariants.1.member.variantName'/,
    )
    bad(() => config('c', { InstanceType: undefined })).toThrow(/InstanceType/)
    bad(() => config('c', { Unknown: 1 })).toThrow(/Unknown/)
    bad(() => core.call('CreateHyperdrive', {})).toThrow(expect.objectContaining({ name: 'UnknownOperationException' }))
  })

  test.each([
    [{ S3Uri: 's3://models/m' }, /must end with a forward slash/],
    [{ CompressionType: 'Gzip' }, /S3Object/],
    [{ S3DataType: 'S3Object', CompressionType: 'Gzip' }, /names no object/],
  ])('artifacts %j', (source, message) => bad(() => given().model('m', source)).toThrow(message))

  test.each([
    ['with instances', { ServerlessConfig: serverless.ServerlessConfig }, {}, /not allowed with ServerlessConfig/],
    ['on a ModelDataSource', serverless, {}, /ModelDataSource is not supported/],
    ['of odd memory', { ...serverless, ServerlessConfig: { MemorySizeInMB: 1500, MaxConcurrency: 5 } }, {}, /memory/],
  ])('serverless %s', (_, variant, more, message) => {
    const { model, config } = given()
    model('m')
    bad(() => config('c', variant, more)).toThrow(message)
  })

  test('have an environment of more than 32 KB', () => {
    const { core } = given()
    const environment = (kilobytes: number) =>
      Object.fromEntries(Array.from({ length: kilobytes }, (_, i) => [`KEY_${i + 10}`, 'ü'.repeat(509)]))
    const create = (kilobytes: number) => {
      const PrimaryContainer = { Image: 'image', Environment: environment(kilobytes) }
      return core.call('CreateModel', { ModelName: `m${kilobytes}`, PrimaryContainer, ExecutionRoleArn: ROLE })
    }
    create(32)
    bad(() => create(33)).toThrow(/32 KB/)
  })

  test('update an endpoint whose serving configuration is deleted', () => {
    const { core, update } = inService()
    core.call('DeleteEndpointConfig', { EndpointConfigName: 'c1' })
    bad(() => update('c2')).toThrow(/Could not find endpoint configuration ".*\/c1"/)
  })

  test('update with impossible guardrails', () => {
    const { update } = inService()
    const rolling = { MaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 50 }, WaitIntervalInSeconds: 0 }
    bad(() => update('c2', canary({ RollingUpdatePolicy: rolling }))).toThrow(/only one of/)
    bad(() => update('c2', canary({}, { WaitIntervalInSeconds: 3601 }))).toThrow(/waitIntervalInSeconds/)
    bad(() => update('c2', canary({}, { CanarySize: { Type: 'CAPACITY_PERCENT', Value: 51 } }))).toThrow(/at most 50%/)
    bad(() => update('c2', canary({}, { Type: 'LINEAR' }))).toThrow(/CanarySize is not allowed/)
    bad(() => update('c2', canary(alarms()))).toThrow(/alarms/)
    bad(() => update('c2', canary(alarms(...Array.from({ length: 11 }, (_, i) => `a${i}`))))).toThrow(/alarms/)
    const [wait, short] = [{ WaitIntervalInSeconds: 600 }, { MaximumExecutionTimeoutInSeconds: 600 }]
    const config = canary({}, wait)
    Object.assign(config.DeploymentConfig.BlueGreenUpdatePolicy, short)
    bad(() => update('c2', config)).toThrow(/must be greater than the total/)
  })

  test('ask for a canary of half a fleet of one instance', () => {
    const { update } = inService({}, { InitialInstanceCount: 1 })
    bad(() => update('c2', canary({}, { CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } }))).toThrow(/at most 50%/)
  })

  test('turn instances into serverless', () => {
    const world = given()
    const PrimaryContainer = { Image: 'image', ModelDataUrl: 's3://models/m.tar.gz' }
    world.core.call('CreateModel', { ModelName: 'm', PrimaryContainer, ExecutionRoleArn: ROLE })
    world.config('c1')
    world.config('c2', serverless)
    world.core.call('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'c1' })
    world.clock.now += MINUTE
    bad(() => world.update('c2')).toThrow(/serverless/)
  })

  test('exceed a quota with both fleets of an update', () => {
    const { core, update, describe: look } = inService({ limits: { instances: 3, configs: 2 } })
    bad(() => update('c2')).toThrow(expect.objectContaining({ name: 'ResourceLimitExceeded' }))
    expect(look()).toMatchObject({ EndpointStatus: 'InService' })
    core.limits = { ...core.limits, instances: 4 }
    update('c2')
  })
})

describe('an update', () => {
  test('moves traffic when it is due, however late it is polled, and sends one event per change', () => {
    const world = inService()
    const started = world.clock.now
    world.update('c2', canary())
    expect(traffic(world)).toEqual({ c1: 100 })
    world.clock.now += MINUTE
    expect(traffic(world)).toEqual({ c1: 90, c2: 10 })
    expect(world.describe()).toMatchObject({
      EndpointStatus: 'Updating',
      EndpointConfigName: 'c1',
      PendingDeploymentSummary: {
        EndpointConfigName: 'c2',
        ProductionVariants: [{ VariantName: 'AllTraffic', CurrentWeight: 0.1, VariantStatus: [{ Status: 'Baking' }] }],
      },
    })
    world.clock.now += MINUTE
    expect(traffic(world)).toEqual({ c2: 100 })
    world.clock.now += 60 * MINUTE
    const after = world.describe()
    expect(after).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'c2' })
    expect(after).not.toHaveProperty('PendingDeploymentSummary')
    expect((after['LastModifiedTime'] as Date).getTime()).toBe(started + 4 * MINUTE)
    expect(world.running.size).toBe(1)
    const told = world.events.map(
      (event) => `${event['detail-type'].slice(19)} ${String(event.detail['EndpointStatus'])}`,
    )
    expect(told).toEqual([
      'State Change CREATING',
      'State Change IN_SERVICE',
      'State Change UPDATING',
      'Deployment State Change UPDATING',
      'Deployment State Change UPDATING',
      'Deployment State Change UPDATING',
      'State Change IN_SERVICE',
    ])
    expect(world.events.at(-1)).toMatchObject({
      source: 'aws.sagemaker',
      detail: { EndpointName: 'e', EndpointConfigName: 'c2', Tags: { k: 'v' }, LastModifiedTime: started + 4 * MINUTE },
    })
  })

  test('to another variant happens all at once, without a bake', () => {
    const world = inService({}, { VariantName: 'Other' })
    world.update('c2', canary())
    world.clock.now += MINUTE
    expect(world.describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'c2' })
  })

  test('resets capacity unless it is retained; data capture comes from the new configuration', () => {
    const capture = {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 5,
        DestinationS3Uri: 's3://bucket/capture',
        CaptureOptions: [{ CaptureMode: 'Input' }],
      },
    }
    const after = (more: object) => {
      const world = inService({}, {}, [capture])
      world.core.setInstances('e', 5)
      world.update('c2', more)
      world.clock.now += MINUTE
      const { ProductionVariants: variants, DataCaptureConfig: kept } = world.describe() as unknown as {
        ProductionVariants: { CurrentInstanceCount: number }[]
        DataCaptureConfig?: object
      }
      return [variants[0]!.CurrentInstanceCount, kept !== undefined]
    }
    expect(after({})).toEqual([2, false])
    expect(after({ RetainAllVariantProperties: true })).toEqual([5, false])
    const but = (type: string) => ({
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: type }],
    })
    expect(after(but('DesiredInstanceCount'))).toEqual([2, false])
    expect(() => after(but('DataCaptureConfig'))).toThrow(/not currently supported/)
  })

  test('that exceeds its timeout is rolled back', () => {
    const world = inService({ launch: (fleet) => ({ kind: fleet.id === 1 ? 'healthy' : 'starting' }) })
    const config = canary()
    Object.assign(config.DeploymentConfig.BlueGreenUpdatePolicy, { MaximumExecutionTimeoutInSeconds: 600 })
    world.update('c2', config)
    world.clock.now += 9 * MINUTE
    expect(world.describe()).toMatchObject({ EndpointStatus: 'Updating' })
    world.clock.now += MINUTE
    expect(world.describe()).toMatchObject({ EndpointStatus: 'RollingBack' })
    world.clock.now += MINUTE
    expect(world.describe()).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'c1',
      FailureReason: expect.stringContaining('maximum execution timeout'),
    })
  })

  test('is rolled back by an alarm at its start; alarms do not count before traffic moves', () => {
    const world = inService()
    world.firing.add('a')
    world.update('c2', canary(alarms('a')))
    expect(world.describe()).toMatchObject({
      EndpointStatus: 'RollingBack',
      FailureReason: expect.stringMatching(/: a\./),
    })
    world.clock.now += MINUTE
    world.firing.clear()
    world.update('c2', canary(alarms('a')))
    expect(world.describe()).toMatchObject({ EndpointStatus: 'Updating' })
    world.firing.add('a')
    expect(world.describe()).toMatchObject({ EndpointStatus: 'Updating' })
    world.clock.now += MINUTE
    expect(traffic(world)).toEqual({ c1: 90, c2: 10 })
    expect(world.describe()).toMatchObject({ EndpointStatus: 'RollingBack' })
  })

  test('whose rollback fails leaves both fleets in service until the next update', () => {
    const stuck = { fails: true }
    const world = inService({ rollbackFails: () => stuck.fails })
    world.update('c2', canary(alarms('a')))
    world.clock.now += MINUTE
    world.describe()
    world.firing.add('a')
    world.describe()
    world.clock.now += MINUTE
    expect(world.describe()).toMatchObject({ EndpointStatus: 'UpdateRollbackFailed' })
    expect(traffic(world)).toEqual({ c1: 90, c2: 10 })
    world.firing.clear()
    world.update('c2', canary(alarms('a')))
    expect(traffic(world)).toEqual({ c1: 100 })
    world.clock.now += 10 * MINUTE
    expect(traffic(world)).toEqual({ c2: 100 })
    expect(world.running.size).toBe(1)
  })
})

test('tags and lists have what exists', () => {
  const { core, clock } = inService()
  const { EndpointArn: arn } = core.call('DescribeEndpoint', { EndpointName: 'e' }) as { EndpointArn: string }
  core.call('AddTags', {
    ResourceArn: arn,
    Tags: [
      { Key: 'k', Value: 'w' },
      { Key: 'l', Value: 'x' },
    ],
  })
  core.call('DeleteTags', { ResourceArn: arn, TagKeys: ['l'] })
  expect(core.call('ListTags', { ResourceArn: arn })).toEqual({ Tags: [{ Key: 'k', Value: 'w' }] })
  const first = core.call('ListEndpointConfigs', { MaxResults: 1 })
  expect(first).toMatchObject({ EndpointConfigs: [{ EndpointConfigName: 'c2' }], NextToken: '1' })
  expect(core.call('ListEndpointConfigs', { NextToken: '1' })).toMatchObject({
    EndpointConfigs: [{ EndpointConfigName: 'c1' }],
  })
  expect(() => core.call('ListModels', { SortBy: 'Name' })).toThrow(/SortBy/)
  const doubled = { ModelName: 'd', PrimaryContainer: { Image: 'i' }, ExecutionRoleArn: ROLE }
  const tag = { Key: 'k', Value: 'v' }
  expect(() => core.call('CreateModel', { ...doubled, Tags: [tag, tag] })).toThrow(/Duplicate/)
  expect(core.call('ListModels', {})).toMatchObject({ Models: [{ ModelName: 'm' }] })
  core.call('DeleteEndpoint', { EndpointName: 'e' })
  expect(() => core.call('DeleteEndpoint', { EndpointName: 'e' })).toThrow(/^Cannot update in-progress endpoint "arn:/)
  clock.now += MINUTE
  expect(core.call('ListEndpoints', {})).toEqual({ Endpoints: [] })
  expect(() => core.call('DescribeEndpoint', { EndpointName: 'e' })).toThrow(/^Could not find endpoint "arn:.*\/e"\.$/)
  expect(() => core.call('ListTags', { ResourceArn: arn })).toThrow(/Could not find/)
})

test('in any history, an endpoint in service has all traffic on its configuration, and no fleet is left behind', () => {
  const seed = 20_261_122
  const happening = fc.oneof(
    fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ do: fc.constant('update' as const), to: fc.constantFrom('c1', 'c2'), guarded: fc.boolean() }),
    fc.record({ do: fc.constantFrom('create' as const, 'delete' as const, 'sick' as const, 'ring' as const) }),
  )
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (all) => {
      const state = { isSick: false }
      const running = new Set<number>()
      const world = given({
        launch: ({ id }) => (running.add(id), state.isSick ? { kind: 'failed', reason: 'sick' } : { kind: 'healthy' }),
        retire: ({ id }) => void running.delete(id),
      })
      world.model('m')
      world.config('c1')
      world.config('c2')
      for (const each of all) {
        try {
          if (each.do === 'pass') world.clock.now += each.minutes * MINUTE
          else if (each.do === 'update') world.update(each.to, each.guarded ? canary(alarms('a')) : {})
          else if (each.do === 'create')
            world.core.call('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'c1' })
          else if (each.do === 'delete') world.core.call('DeleteEndpoint', { EndpointName: 'e' })
          else if (each.do === 'sick') state.isSick = !state.isSick
          else if (!world.firing.delete('a')) world.firing.add('a')
        } catch (error) {
          expect((error as Error).name).toBe('ValidationException')
        }
        world.core.advance()
        const endpoint = world.core.endpoints.get('e')
        if (endpoint?.status === 'InService') {
          expect(traffic(world)).toEqual({ [endpoint.config]: 100 })
          expect(running.size).toBe(1)
        }
        if (endpoint?.status === 'Updating' || endpoint?.status === 'RollingBack')
          expect(world.core.serving('e').reduce((sum, fleet) => sum + fleet.traffic, 0)).toBe(100)
        if (endpoint === undefined || endpoint.status === 'Failed') expect(running.size).toBe(0)
        expect(running.size).toBeLessThanOrEqual(2)
      }
    }),
    { seed, numRuns: 300 },
  )
})
