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
import { dynamoLedger } from '../../src/aws/ledger.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { parseState } from '../../src/reactions/deployment/state.ts'
import { type Call, countingProxy } from '../counting-proxy.ts'

/** A model for each story, called as its key in lake.yml and registered under that name; its endpoint is `bench-NAME`. */
export const MODELS = ['first', 'updated', 'returned', 'timed'] as const
export type ModelName = (typeof MODELS)[number]
export const ALIAS = 'champion'
const BUCKET = 'bench-promotions'
/** How long SageMaker's events are on their way, in ms. */
const EVENT_DELAY = 150
/** How long a deployment may take here, in ms. */
const PATIENCE = 60_000

/** A deployed lake whose functions are counted, a registry that tells them of promotions, and SageMaker. */
export interface Local {
  readonly lake: Lake
  readonly emulator: Emulator
  readonly mlflow: LocalMlflow
  readonly models: Models
  /** Where functions find the emulator. */
  readonly counted: string
  /** What the functions called since the last `clear`: AWS and MLflow. */
  calls(): Call[]
  clear(): void
  /** A call of SageMaker's. */
  sagemakerSeen(wanted: (call: Call) => boolean): Promise<Call>
  /** A call of the others'. */
  awsSeen(wanted: (call: Call) => boolean): Promise<Call>
  /** Until the version serves, and nobody has called anything for so many ms. */
  settled(model: ModelName, version: string, quiet: number): Promise<void>
  /** Until nobody has called anything for so many ms. */
  quiet(ms: number): Promise<void>
}

/** Starts all of it, has `work` use it, and ends it. */
export async function withLocal<T>(say: (line: string) => void, work: (local: Local) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-bench-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
  const closes = <C>(resource: C, close: (resource: C) => unknown): C => {
    closing.unshift(() => close(resource))
    return resource
  }
  try {
    say('starts an emulator, an MLflow server and the SageMaker stand-in, and deploys')
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
      // As long as it takes to be told that an update has begun before it is over, which it is by minutes on AWS.
      durations: { provision: 200 },
      containers: healthy,
      // EventBridge takes a while too; at once, they would race with the call that they are about.
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
    async settled(model, version, ms) {
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

/** The model of the example lake. */
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

/** Up at once: how long a model takes to load is none of Landfall's time. */
const healthy: Containers = {
  launch: () => ({ kind: 'healthy' }),
  retire: () => undefined,
  invoke: async () => ({ status: 200, contentType: 'application/json', body: Buffer.from('{"predictions":[1]}') }),
  stop: async () => undefined,
}

/** What a deployed function calls is counted: its own setting goes before the emulator's. */
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
