import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import type { ConfigSpec, Endpoint, Guard, ModelSpec, SageMaker } from '../../../src/reactions/deployment/ports.ts'

/** SageMaker and what a test controls behind it. Durations are short, so that {@link SageMakerWorld.pass} can outlast them. */
export interface SageMakerWorld {
  readonly sagemaker: SageMaker
  /** Lets time pass, in which operations in progress continue. */
  pass(ms: number): Promise<void>
  /** How many ms each slow operation takes: providing a fleet, a rollback, a deletion. */
  readonly duration: number
  /** How many ms one second of SageMaker's waits takes here. */
  readonly second: number
  failLaunches(times: number, config: string): void
  alarm(name: string, state: 'OK' | 'ALARM'): void
  /** Sets the containers' response to all requests. */
  answer(status: number, body: string): void
  scaled(endpoint: string): Promise<{ readonly min: number; readonly max: number } | undefined>
}

export const modelSpec = (name: string, change: Partial<ModelSpec> = {}): ModelSpec => ({
  name,
  image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/mlflow-pyfunc:3.17.2',
  data: { kind: 'prefix', location: { bucket: 'models', prefix: 'delay/1' } },
  environment: { MLFLOW_MODELS_WORKERS: '1' },
  role: 'arn:aws:iam::000000000000:role/landfall-model',
  tags: { model: 'delay' },
  ...change,
})

export const configSpec = (name: string, model: string, change: Partial<ConfigSpec> = {}): ConfigSpec => ({
  name,
  model,
  compute: { kind: 'instances', type: 'ml.m5.large', min: 2, max: 2 },
  tags: { model: 'delay' },
  ...change,
})

export const canary: Guard = {
  rollout: { kind: 'canary', percent: 50, bake: 60_000 },
  alarms: ['errors'],
  retainCapacity: true,
}
const atOnce: Guard = { ...canary, rollout: { kind: 'all-at-once', bake: 0 }, alarms: [] }

/** The contract of SageMaker; run on the twin, and over HTTP on the stand-in. Each test uses its own names. */
export function testSageMaker(name: string, make: () => Promise<SageMakerWorld>): void {
  describe(`${name} as SageMaker`, () => {
    const settled = async (world: SageMakerWorld, endpoint: string): Promise<Endpoint | undefined> => {
      for (let i = 0; i < 60; i += 1) {
        const found = await world.sagemaker.endpoint(endpoint)
        if (found === undefined || !/^(Creating|Updating|RollingBack|Deleting)$/.test(found.status)) return found
        await world.pass(world.duration)
      }
      throw new Error(`${endpoint} is still in transition`)
    }
    /** Version 1 in service, and a model and configuration of version 2. */
    const given = async (endpoint: string): Promise<SageMakerWorld> => {
      const world = await make()
      const { sagemaker } = world
      for (const version of [1, 2]) {
        await sagemaker.createModel(modelSpec(`${endpoint}-m${version}`))
        await sagemaker.createConfig(configSpec(`${endpoint}-c${version}`, `${endpoint}-m${version}`))
      }
      expect(await sagemaker.createEndpoint(endpoint, `${endpoint}-c1`, { a: 'b' })).toBe('sent')
      expect(await settled(world, endpoint)).toMatchObject({ status: 'InService', config: `${endpoint}-c1` })
      return world
    }
    const refusal = async (call: Promise<unknown>): Promise<string> => {
      const error = await call.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      return error instanceof Refused ? error.code : String(error)
    }

    test('an endpoint that does not exist is undefined, not an error', async () => {
      const { sagemaker } = await make()
      expect(await sagemaker.endpoint('never')).toBeUndefined()
      expect(await sagemaker.deleteEndpoint('never')).toBe('absent')
      await sagemaker.deleteConfig('never')
      await sagemaker.deleteModel('never')
    })

    test('a model or configuration can be created twice; a different one of its name is refused', async () => {
      const { sagemaker } = await make()
      const model = modelSpec('twice-m')
      await sagemaker.createModel(model)
      await sagemaker.createModel(model)
      expect(await refusal(sagemaker.createModel({ ...model, environment: { OTHER: '1' } }))).toBe('name-taken')
      expect(
        await refusal(
          sagemaker.createModel({ ...model, data: { kind: 'package', location: { bucket: 'm', prefix: 'm.tar.gz' } } }),
        ),
      ).toBe('name-taken')
      const config = configSpec('twice-c', 'twice-m', {
        capture: { to: { bucket: 'b', prefix: 'capture' }, sample: 5, json: ['application/json'], csv: ['text/csv'] },
      })
      await sagemaker.createConfig(config)
      await sagemaker.createConfig(config)
      const other = { ...config, compute: { kind: 'instances', type: 'ml.m5.large', min: 3, max: 3 } } as const
      expect(await refusal(sagemaker.createConfig(other))).toBe('name-taken')
      const capture = { ...config.capture!, json: ['application/json', 'application/x-ndjson'] }
      expect(await refusal(sagemaker.createConfig({ ...config, capture }))).toBe('name-taken')
      const { capture: _, ...without } = config
      expect(await refusal(sagemaker.createConfig(without))).toBe('name-taken')
    })

    test("an invalid request is refused with SageMaker's message", async () => {
      const { sagemaker } = await make()
      expect(await refusal(sagemaker.createModel(modelSpec('a name with spaces')))).toBe('sagemaker-refused')
      const tiny = configSpec('tiny', 'no-such-model', {
        compute: { kind: 'serverless', memory: 512, concurrency: 2 },
      })
      expect(await refusal(sagemaker.createConfig(tiny))).toBe('sagemaker-refused')
      await sagemaker.createModel(modelSpec('uncompressed-m'))
      const serverless = { kind: 'serverless', memory: 2048, concurrency: 2 } as const
      const config = configSpec('uncompressed-c', 'uncompressed-m', { compute: serverless })
      await expect(sagemaker.createConfig(config)).rejects.toThrow(/not supported for serverless/)
    })

    test('a model that SageMaker does not know yet is an error to retry', async () => {
      const { sagemaker } = await make()
      expect(await refusal(sagemaker.createConfig(configSpec('early', 'early-m')))).toMatch(/early-m yet/)
      await sagemaker.createModel(modelSpec('early-m'))
      await sagemaker.createConfig(configSpec('early', 'early-m'))
    })

    test('an endpoint is created from an existing configuration, and serves it', async () => {
      const { sagemaker } = await given('made')
      expect(await sagemaker.createEndpoint('unmade', 'no-such-config', {})).toBe('no-config')
      expect(await sagemaker.invoke('made', '{"inputs":[1]}')).toMatchObject({ status: 200 })
      expect(await sagemaker.createEndpoint('MADE', 'made-c1', {})).toBe('busy')
    })

    test('an update serves the old version until traffic moves, and the new one once it is done', async () => {
      const world = await given('updated')
      const { sagemaker } = world
      expect(await sagemaker.updateEndpoint('updated', 'no-such-config', canary)).toBe('no-config')
      expect(await sagemaker.updateEndpoint('updated', 'updated-c2', canary)).toBe('sent')
      const during = await sagemaker.endpoint('updated')
      expect(during).toMatchObject({ status: 'Updating', config: 'updated-c1', pending: 'updated-c2' })
      expect(await sagemaker.updateEndpoint('updated', 'updated-c1', canary)).toBe('busy')
      expect(await sagemaker.deleteEndpoint('updated')).toBe('busy')
      const after = await settled(world, 'updated')
      expect(after).toEqual({ status: 'InService', config: 'updated-c2', modified: expect.any(Number) })
      expect(after!.modified - during!.modified).toBeGreaterThanOrEqual(120 * world.second)
    })

    test.each(['linear', 'rolling', 'all-at-once'] as const)('a %s update ends on the new version', async (kind) => {
      const world = await given(`by-${kind}`)
      const rollout = { kind, bake: 30_000, ...(kind === 'all-at-once' ? {} : { percent: 50 }) }
      expect(await world.sagemaker.updateEndpoint(`by-${kind}`, `by-${kind}-c2`, { ...canary, rollout })).toBe('sent')
      expect(await settled(world, `by-${kind}`)).toMatchObject({ status: 'InService', config: `by-${kind}-c2` })
    })

    test('a version that does not start leaves the old one in service, with the reason', async () => {
      const world = await given('sick')
      world.failLaunches(1, 'sick-c2')
      await world.sagemaker.updateEndpoint('sick', 'sick-c2', canary)
      expect(await settled(world, 'sick')).toMatchObject({
        status: 'InService',
        config: 'sick-c1',
        failure: expect.stringContaining('did not pass the ping health check'),
      })
      await world.sagemaker.updateEndpoint('sick', 'sick-c2', atOnce)
      const healed = await settled(world, 'sick')
      expect(healed).toMatchObject({ status: 'InService', config: 'sick-c2' })
      expect(healed).not.toHaveProperty('failure')
    })

    test('a first version that does not start leaves an endpoint that can only be deleted', async () => {
      const world = await make()
      const { sagemaker } = world
      await sagemaker.createModel(modelSpec('stillborn-m'))
      await sagemaker.createConfig(configSpec('stillborn-c', 'stillborn-m'))
      world.failLaunches(1, 'stillborn-c')
      await sagemaker.createEndpoint('stillborn', 'stillborn-c', {})
      expect(await settled(world, 'stillborn')).toMatchObject({ status: 'Failed', failure: expect.any(String) })
      expect(await refusal(sagemaker.updateEndpoint('stillborn', 'stillborn-c', atOnce))).toBe('sagemaker-refused')
      expect(await sagemaker.deleteEndpoint('stillborn')).toBe('sent')
      expect(await settled(world, 'stillborn')).toBeUndefined()
    })

    test('an alarm that fires while traffic moves rolls the update back', async () => {
      const world = await given('alarmed')
      await world.sagemaker.updateEndpoint('alarmed', 'alarmed-c2', canary)
      await world.pass(world.duration + 30 * world.second)
      world.alarm('errors', 'ALARM')
      expect(await settled(world, 'alarmed')).toMatchObject({
        status: 'InService',
        config: 'alarmed-c1',
        failure: expect.stringContaining('errors'),
      })
      // An alarm that still fires also rolls back the next update; one that is over does not.
      await world.sagemaker.updateEndpoint('alarmed', 'alarmed-c2', canary)
      expect(await settled(world, 'alarmed')).toMatchObject({ config: 'alarmed-c1' })
      world.alarm('errors', 'OK')
      await world.sagemaker.updateEndpoint('alarmed', 'alarmed-c2', canary)
      expect(await settled(world, 'alarmed')).toMatchObject({ config: 'alarmed-c2' })
    })

    test("the container's own failure is an answer with its status, not an error of the call", async () => {
      const world = await given('answering')
      world.answer(400, 'no such column')
      expect(await world.sagemaker.invoke('answering', '{}')).toEqual({ status: 400, body: 'no such column' })
      world.answer(200, '{"predictions":[1]}')
      expect(await world.sagemaker.invoke('answering', '{}')).toEqual({ status: 200, body: '{"predictions":[1]}' })
      await expect(world.sagemaker.invoke('silent', '{}')).rejects.toThrow(/not found/)
    })

    test('autoscaling can be set, changed and removed any number of times', async () => {
      const world = await given('scaled')
      const scale = (max: number) =>
        world.sagemaker.scale('scaled', { kind: 'instances', type: 'ml.m5.large', min: 2, max, invocations: 500 })
      await scale(2)
      expect(await world.scaled('scaled')).toBeUndefined()
      await scale(4)
      await scale(6)
      expect(await world.scaled('scaled')).toEqual({ min: 2, max: 6 })
      await scale(2)
      expect(await world.scaled('scaled')).toBeUndefined()
    })

    test('another instance type is refused while the endpoint scales', async () => {
      const world = await given('retyped')
      const compute = { kind: 'instances', type: 'ml.m5.large', min: 2, max: 4, invocations: 500 } as const
      await world.sagemaker.scale('retyped', compute)
      const other = { ...compute, type: 'ml.c5.large' }
      await world.sagemaker.createConfig(configSpec('retyped-c5', 'retyped-m2', { compute: other }))
      const update = () => world.sagemaker.updateEndpoint('retyped', 'retyped-c5', atOnce)
      await expect(update()).rejects.toMatchObject({ code: 'sagemaker-refused' })
      await world.sagemaker.scale('retyped', { ...compute, max: 2 })
      expect(await update()).toBe('sent')
      expect(await settled(world, 'retyped')).toMatchObject({ status: 'InService', config: 'retyped-c5' })
    })

    test('an endpoint can be created again after it was deleted', async () => {
      const world = await given('again')
      expect(await world.sagemaker.deleteEndpoint('again')).toBe('sent')
      expect(await settled(world, 'again')).toBeUndefined()
      expect(await world.sagemaker.deleteEndpoint('again')).toBe('absent')
      expect(await world.sagemaker.createEndpoint('again', 'again-c2', {})).toBe('sent')
      expect(await settled(world, 'again')).toMatchObject({ config: 'again-c2' })
    })
  })
}
