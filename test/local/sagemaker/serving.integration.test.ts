import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { EndpointEvent } from '../../../local/sagemaker/core/views.ts'
import { putEvent } from '../../../local/sagemaker/events.ts'
import { type LocalSageMaker, startSageMaker } from '../../../local/sagemaker/server.ts'
import { cloudwatchAlarms } from '../../../src/reactions/deployment/aws/alarms.ts'
import { cloudwatch, eventbridge, s3, sagemaker, sagemakerRuntime } from '../../../src/aws/clients.ts'
import { sagemakerEndpoints } from '../../../src/reactions/deployment/aws/sagemaker.ts'
import type { Endpoint, Guard, SageMaker } from '../../../src/reactions/deployment/ports.ts'
import { configSpec, modelSpec } from '../../reactions/deployment/sagemaker.suite.ts'

const BUCKET = 'sagemaker-serving'
const ENDPOINT = 'doubling'
const PYTHON = join(import.meta.dirname, '../../../.venv/bin/python')
const folder = mkdtempSync(join(tmpdir(), 'landfall-models-'))
const events: EndpointEvent[] = []
const published: Promise<void>[] = []
let standIn: LocalSageMaker
let port: Omit<SageMaker, 'scale'>
const open: { destroy(): void }[] = []

beforeAll(async () => {
  await promisify(execFile)(PYTHON, [join(import.meta.dirname, 'serving-models.py'), folder])
  const store = s3()
  await store.send(new CreateBucketCommand({ Bucket: BUCKET }))
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const path = join(name.parentPath, name.name)
    await store.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: path.slice(folder.length + 1), Body: readFileSync(path) }),
    )
  }
  const bus = eventbridge()
  open.push(bus)
  standIn = await startSageMaker({
    aws: process.env['AWS_ENDPOINT_URL']!,
    scale: 0.01,
    onEvent(event) {
      events.push(event)
      published.push(putEvent(bus, event))
    },
  })
  Object.assign(process.env, standIn.environment)
  const clients = [sagemaker(), sagemakerRuntime()] as const
  open.push(store, ...clients)
  port = sagemakerEndpoints(...clients)
  for (const name of ['doubling', 'broken', 'failing'] as const) {
    const data =
      name === 'failing'
        ? ({ kind: 'package', location: { bucket: BUCKET, prefix: 'failing.tar.gz' } } as const)
        : ({ kind: 'prefix', location: { bucket: BUCKET, prefix: name } } as const)
    await port.createModel(modelSpec(name, { data }))
    await port.createConfig(configSpec(name, name))
  }
})

afterAll(async () => {
  for (const client of open) client.destroy()
  await standIn?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const guard: Guard = {
  rollout: { kind: 'canary', percent: 50, bake: 1_200_000 },
  alarms: [],
  retainCapacity: true,
}
const ask = () => port.invoke(ENDPOINT, '{"inputs":[[4]]}')

async function settled(meanwhile: () => Promise<unknown> = async () => undefined): Promise<Endpoint | undefined> {
  for (;;) {
    const found = await port.endpoint(ENDPOINT)
    if (found === undefined || !/ing|RollingBack/.test(found.status)) return found
    await meanwhile()
    await sleep(100)
  }
}

test('a model is served from its artifacts; one that does not load, or fails while traffic moves, is rolled back', async () => {
  expect(await port.createEndpoint(ENDPOINT, 'doubling', {})).toBe('sent')
  expect(await settled()).toMatchObject({ status: 'InService', config: 'doubling' })
  const answer = await ask()
  expect(answer.status).toBe(200)
  expect((JSON.parse(answer.body) as { predictions: number[] }).predictions[0]).toBeCloseTo(8)
  expect(await port.invoke(ENDPOINT, 'nonsense')).toMatchObject({ status: 400 })

  await port.updateEndpoint(ENDPOINT, 'broken', guard)
  expect(await settled()).toMatchObject({
    status: 'InService',
    config: 'doubling',
    failure: expect.stringContaining('did not pass the ping health check'),
  })
  expect(await ask()).toMatchObject({ status: 200 })
  const log = readdirSync(standIn.folder).find((name) => name.endsWith('broken.log'))!
  expect(readFileSync(join(standIn.folder, log), 'utf8')).toContain('this model does not load')

  const watch = cloudwatch()
  open.push(watch)
  const name = 'serving-errors'
  await cloudwatchAlarms(watch, {}).put([{ name, endpoint: ENDPOINT, config: 'failing', metric: 'errors', limit: 0.1 }])
  await port.updateEndpoint(ENDPOINT, 'failing', { ...guard, alarms: [name] })
  const seen = new Set<number>()
  expect(await settled(async () => seen.add((await ask()).status))).toMatchObject({
    status: 'InService',
    config: 'doubling',
    failure: expect.stringContaining(name),
  })
  expect(seen).toEqual(new Set([200, 500]))
  expect(await ask()).toMatchObject({ status: 200 })
  await Promise.all(published)
  const told = events.filter((each) => each['detail-type'] === 'SageMaker Endpoint State Change')
  expect(told.map(({ detail }) => detail['EndpointStatus'])).toEqual([
    'CREATING',
    'IN_SERVICE',
    'UPDATING',
    'ROLLING_BACK',
    'IN_SERVICE',
    'UPDATING',
    'ROLLING_BACK',
    'IN_SERVICE',
  ])
}, 180_000)
