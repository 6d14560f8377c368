import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { main } from '../../../../cli/main.ts'
import { lakeAccess } from '../../../../local/demo/lake-access.ts'
import { type Emulator, freePort, startEmulator, useEmulator } from '../../../../local/cloud/emulator.ts'
import { setUpRegistries } from '../../../../local/mlflow/setup.ts'
import { endpointEventSender } from '../../../../local/sagemaker/events.ts'
import { type Models, startModels } from '../../../../local/mlflow/models.ts'
import { type LocalMlflow, startMlflow } from '../../../../local/mlflow/server.ts'
import { startSageMaker } from '../../../../local/sagemaker/server.ts'
import { parseLake } from '../../../../src/lake/lake-json.ts'
import { projectWith } from '../../../world/project.ts'
import { fleets } from './fleets.ts'

export const BUCKET = 'promotions-models'

const smoke = '{ request: { dataframe_records: [{ x: 1 }] }, expect: { predictions: [number] } }'
export const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/theirs:1'

/** Difficult names that MLflow accepts. */
export const called = {
  delay: `Flight "delay", it's today's`,
  stage: 'The model of the stage "Production" '.repeat(6).slice(0, 199).padEnd(200, '.'),
  fare: `It's the fare`,
  guarded: 'guarded',
} as const
export type Name = keyof typeof called

/** An endpoint for each way to promote, and one with a smoke test. The first one's container has to be built. */
const lakeYml = (host: string) => `lake: promotions
buckets: { models: ${BUCKET} }
registries:
  main: { mlflow: "${host}", secret: promotions/mlflow, artifacts: "s3://\${buckets.models}/mlflow" }
models:
  delay:
    registry: main
    model: ${JSON.stringify(called.delay)}
    promote: { alias: champion }
    endpoint: { name: promotions-delay, instance: ml.m5.large, instances: 2, rollout: { canary: 50%, bake: 1 min } }
  stage:
    registry: main
    model: ${JSON.stringify(called.stage)}
    promote: { stage: Production }
    image: ${IMAGE}
    endpoint: { name: promotions-stage, instance: ml.m5.large, instances: { min: 1, max: 3, invocations: 100 } }
  fare:
    registry: main
    model: ${JSON.stringify(called.fare)}
    promote: { tag: { key: deploy, value: "to production" } }
    image: ${IMAGE}
    package: s3://\${buckets.models}/packages
    endpoint: { name: promotions-fare, serverless: { memory: 2 GB, concurrency: 5 } }
  guarded:
    registry: main
    promote: { alias: champion }
    image: ${IMAGE}
    endpoint: { name: promotions-guarded, instance: ml.m5.large, smoke: ${smoke} }
`

export type Promotions = Awaited<ReturnType<typeof startPromotions>>

/**
 * A lake of models, deployed for real: the emulator with IAM on, a real MLflow server whose webhooks deliver over HTTP to the
 * deployed function, and SageMaker's stand-in, whose events come over the bus.
 */
export async function startPromotions() {
  const began = new AbortController()
  const open: (() => Promise<unknown> | void)[] = []
  const containers = fleets()
  const events = endpointEventSender()
  open.push(() => events.close())
  const stop = async (): Promise<void> => {
    began.abort()
    for (const close of open.toReversed()) await close()
  }
  try {
    const port = await freePort()
    const aws = `http://127.0.0.1:${port}`
    const sagemaker = await startSageMaker({
      aws,
      scale: 0.01,
      durations: { provision: 300, rollback: 50, delete: 50 },
      containers,
      onEvent: events.send,
    })
    open.push(() => sagemaker.stop())
    const emulator = await startEmulator({ port, services: sagemaker.environment })
    open.push(() => emulator.stop())
    useEmulator(emulator)
    const [project, { mlflow, models, direct }] = await both(emulator, open)
    const lake = parseLake(await readFile(join(project.folder, '.landfall/local/lake.json'), 'utf8'))
    await setUpRegistries(lake)
    const deployed = lakeAccess(lake, began.signal)
    open.push(() => deployed.close())
    return { sagemaker, containers, mlflow, models, direct, lake, deployed, landfall: commands(project.lakeFile), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Deploys while MLflow starts. */
async function both(emulator: Emulator, open: (() => Promise<unknown> | void)[]) {
  const port = await freePort()
  const project = await projectWith(lakeYml(`http://127.0.0.1:${port}`))
  open.push(() => project.remove())
  const [deployed, started] = await Promise.allSettled([
    project.serverless('deploy', '--stage', 'local'),
    registry(emulator, port, open),
  ])
  if (started.status === 'rejected') throw started.reason
  if (deployed.status === 'rejected') throw deployed.reason
  if (deployed.value.status !== 0) throw new Error(`serverless deploy failed:\n${deployed.value.output}`)
  return [project, started.value] as const
}

async function registry(
  { environment }: Emulator,
  port: number,
  open: (() => Promise<unknown> | void)[],
): Promise<{ readonly mlflow: LocalMlflow; readonly models: Models; readonly direct: Models }> {
  const mlflow = await startMlflow({ port, environment, artifacts: `s3://${BUCKET}/mlflow`, proxied: true })
  open.push(() => mlflow.stop())
  const database = `sqlite:///${join(dirname(mlflow.logFile), 'mlflow.db')}`
  const [models, direct] = await Promise.all([
    startModels(mlflow),
    // Writes to the database directly, so that the server sends no webhooks.
    startModels({ environment: { ...mlflow.environment, MLFLOW_TRACKING_URI: database } }),
  ])
  open.push(
    () => models.close(),
    () => direct.close(),
  )
  return { mlflow, models, direct }
}

/** `landfall ARGS`, as an operator would. */
function commands(lakeFile: string) {
  return async (...args: string[]) => {
    const [out, err]: [string[], string[]] = [[], []]
    const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), width: 100 }
    const code = await main([...args, lakeFile, '--stage', 'local'], io)
    return { code, out: out.join('\n'), err: err.join('\n') }
  }
}

/** Repeats `look` until its result is defined. If that takes too long, throws with the result of `seen`. */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
  seen: () => Promise<unknown> = async () => undefined,
  within = 45_000,
): Promise<Found> {
  for (const end = Date.now() + within; ; await sleep(30)) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end)
      throw new Error(`waited ${within / 1000} s for ${what}: ${JSON.stringify(await seen(), undefined, 2)}`)
  }
}
