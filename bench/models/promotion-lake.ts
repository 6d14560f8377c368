import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { landfall } from '../../local/demo/landfall-command.ts'
import { deploy, STAGE } from '../../local/cloud/deploy.ts'
import { type Emulator, freePort, startEmulator, useEmulator } from '../../local/cloud/emulator.ts'
import { type Models, startModels } from '../../local/mlflow/models.ts'
import { type LocalMlflow, startMlflow } from '../../local/mlflow/server.ts'
import { setUpRegistries } from '../../local/mlflow/setup.ts'
import { endpointEventSender } from '../../local/sagemaker/events.ts'
import type { Containers } from '../../local/sagemaker/containers.ts'
import { startSageMaker } from '../../local/sagemaker/server.ts'
import { dynamodb } from '../../src/aws/clients.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { dynamoLedger } from '../../src/aws/ledger.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { parseState } from '../../src/reactions/deployment/state.ts'
import { type Call, countingProxy } from '../counting-proxy.ts'

/** A model for each scenario, with the same name in lake.yml and in the registry. Its endpoint is `bench-NAME`. */
const MODELS = ['first', 'updated', 'returned', 'timed'] as const
export type ModelName = (typeof MODELS)[number]
export const ALIAS = 'champion'
const BUCKET = 'bench-promotions'
/** The delay of SageMaker's events. */
const EVENT_DELAY: Milliseconds = 150
/** The maximum duration of a deployment. */
const PATIENCE: Milliseconds = 60_000

/** A deployed lake with counted functions, a registry that sends them webhooks, and SageMaker. */
export interface Local {
  readonly lake: Lake
  readonly emulator: Emulator
  readonly mlflow: LocalMlflow
  readonly models: Models
  /** The proxy's address, which functions use as their endpoint. */
  readonly counted: string
  /** The functions' calls to AWS and MLflow since the last `clear`. */
  calls(): Call[]
  clear(): void
  /** Waits for a call to SageMaker. */
  sagemakerSeen(wanted: (call: Call) => boolean): Promise<Call>
  /** Waits for a call to another AWS service. */
  awsSeen(wanted: (call: Call) => boolean): Promise<Call>
  /** Waits until the version serves and there was no call for the time `quiet`. */
  untilServing(model: ModelName, version: string, quiet: Milliseconds): Promise<void>
  /** Waits until there was no call for this time. */
  quiet(time: Milliseconds): Promise<void>
}

/** Starts everything, runs `work`, and stops everything. */
export async function withLocal<T>(say: (line: string) => void, work: (local: Local) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
  const closes = <C>(resource: C, close: (resource: C) => unknown): C => {
    closing.unshift(() => close(resource))
    return resource
  }
  try {
    say('starting an emulator, an MLflow server and the SageMaker stand-in, and deploying')
    return await work(await start(folder, closes))
  } finally {
    for (const close of closing) await close()
  }
}

async function start(folder: string, closes: <C>(resource: C, close: (resource: C) => unknown) => C): Promise<Local> {
  const port = await freePort()
  const events = closes(endpointEventSender(), (each) => each.close())
  const standIn = closes(
    await startSageMaker({
      aws: `http://127.0.0.1:${port}`,
      scale: 0.001,
      // Long enough that the event for the start of an update comes before its end; on AWS that takes minutes.
      durations: { provision: 200 },
      containers: healthy,
      // Delayed as by EventBridge: without it, events would race with the call that causes them.
      onEvent: (event) => setTimeout(() => events.send(event), EVENT_DELAY),
    }),
    (each) => each.stop(),
  )
  const sagemaker = closes(await countingProxy(standIn.endpoint), (each) => each.close())
  const services = Object.fromEntries(Object.keys(standIn.environment).map((name) => [name, sagemaker.endpoint]))
  const emulator = closes(await startEmulator({ port, services }), (each) => each.stop())
  useEmulator(emulator)
  const aws = closes(await countingProxy(emulator.endpoint), (each) => each.close())
  const artifacts = `s3://${BUCKET}/mlflow`
  const mlflow = closes(await startMlflow({ environment: emulator.environment, artifacts }), (each) => each.stop())
  const registry = closes(await countingProxy(mlflow.host, 'mlflow'), (each) => each.close())
  const lakeFile = join(folder, 'lake.yml')
  writeFileSync(lakeFile, JSON.stringify(lakeYml(artifacts)))
  const { lake } = await deploy(emulator, { lakeFile, mlflow: registry.endpoint })
  await setUpRegistries(lake)
  await pointFunctionsAt(lake, aws.endpoint)
  await landfall(['webhooks', 'register', 'main', lakeFile, '--stage', STAGE])
  const models = closes(await startModels(mlflow), (each) => each.close())
  const client = closes(dynamodb(), (each) => each.destroy())
  const ledger = dynamoLedger(client, names(lake).ledger)
  const proxies = [aws, sagemaker, registry]
  const calls = () => proxies.flatMap((proxy) => proxy.calls)
  const quiet = async (ms: number): Promise<void> => {
    for (let before = -1; before !== calls().length; await sleep(ms)) before = calls().length
  }
  return {
    lake,
    emulator,
    mlflow,
    models,
    counted: aws.endpoint,
    calls,
    clear: () => proxies.forEach((proxy) => proxy.clear()),
    sagemakerSeen: (wanted) => sagemaker.seen(wanted),
    awsSeen: (wanted) => aws.seen(wanted),
    quiet,
    async untilServing(model, version, ms) {
      const subject = `endpoint/bench-${model}`
      for (const until = Date.now() + PATIENCE; Date.now() < until; await sleep(50)) {
        const cursor = await ledger.cursor({ subject, reaction: 'deployment' })
        if (cursor.refusal !== undefined) throw new Error(`${subject} is refused: ${cursor.refusal.reason}`)
        if (cursor.run === undefined && parseState(cursor.state).deployments[0]?.version === version) return quiet(ms)
      }
      throw new Error(`waited ${PATIENCE / 1000} s for version ${version} on ${subject}`)
    },
  }
}

/** A lake with models like the example's. */
function lakeYml(artifacts: string): object {
  const endpoint = {
    instance: 'ml.m5.large',
    instances: 2,
    rollout: { canary: '50%', bake: '2 min' },
    alarms: { errors: '5%', latency: '2 s' },
    smoke: {
      request: { dataframe_records: [{ distance: 405, hour: 17, weekday: 4 }] },
      expect: { predictions: ['number'] },
    },
  }
  return {
    lake: 'bench',
    buckets: { models: BUCKET },
    models: Object.fromEntries(
      MODELS.map((name) => [
        name,
        { registry: 'main', promote: { alias: ALIAS }, endpoint: { ...endpoint, name: `bench-${name}` } },
      ]),
    ),
    registries: { main: { mlflow: 'https://mlflow.example.com', secret: 'bench/mlflow', artifacts } },
  }
}

/** Containers that are up immediately: the time to load a model is not Landfall's. */
const healthy: Containers = {
  launch: () => ({ kind: 'healthy' }),
  retire: () => undefined,
  invoke: async () => ({ status: 200, contentType: 'application/json', body: Buffer.from('{"predictions":[1]}') }),
  stop: async () => undefined,
}

/** Counts the calls of a deployed function: its own setting overrides the emulator's. */
async function pointFunctionsAt(lake: Lake, endpoint: string): Promise<void> {
  const client = new LambdaClient({})
  for (const name of ['deployment', 'webhook']) {
    const FunctionName = names(lake).fn(name)
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }))
    const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: endpoint }
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }))
  }
  client.destroy()
}
