import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import { freePort } from '../cloud/emulator.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { signalGroup } from '../cloud/process.ts'
import { downloadModel } from './artifacts.ts'
import type { Launch } from './core/machine.ts'
import type { Fleet } from './core/state.ts'
import { noPing } from './faults.ts'

const ROOT = join(import.meta.dirname, '../..')
const PYTHON = join(ROOT, '.venv/bin/python')
const UVICORN = join(ROOT, '.venv/bin/uvicorn')
const LAUNCHER = join(ROOT, 'local/databricks/launch.py')
/** SageMaker's timeout of an invocation (developer guide, "Custom inference code with hosting services"). */
const ANSWERS_WITHIN: Milliseconds = 60_000

export interface ContainerAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

/** The containers of the fleets: one for each, however many instances it has. */
export interface Containers {
  /** Starts the fleet's container on the first call, and answers its status. */
  launch(fleet: Fleet): Launch
  retire(fleet: Fleet): void
  invoke(fleet: Fleet, body: Buffer, contentType: string): Promise<ContainerAnswer>
  stop(): Promise<void>
}

export interface ServingOptions {
  readonly s3: S3Client
  /** For artifacts and logs: `NUMBER-CONFIGURATION.log`. */
  readonly folder: string
  /** Within this a container must answer a ping with 200. */
  readonly startsWithin: Milliseconds
}

interface Container {
  launch: Launch
  readonly gone: AbortController
  readonly port: Promise<number>
  readonly done: Promise<void>
}

/**
 * Serves each fleet's model with MLflow's scoring server, in a process of its own. It fulfils the contract of SageMaker's containers:
 * `GET /ping`, `POST /invocations`. The image is ignored.
 */
export function mlflowContainers(options: ServingOptions): Containers {
  const containers = new Map<number, Container>()
  const end = (fleet: number): void => containers.get(fleet)?.gone.abort()
  return {
    launch(fleet) {
      const container = containers.get(fleet.id) ?? start(options, fleet)
      containers.set(fleet.id, container)
      return container.launch
    },
    retire: ({ id }) => end(id),
    async invoke({ id }, body, contentType) {
      const container = containers.get(id)
      if (container === undefined) throw new Error(`fleet ${id} was never started`)
      const url = `http://127.0.0.1:${await container.port}/invocations`
      const signal = AbortSignal.timeout(ANSWERS_WITHIN)
      const sent = { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': contentType }, signal }
      try {
        const answer = await fetch(url, sent)
        const type = answer.headers.get('content-type') ?? 'application/octet-stream'
        return { status: answer.status, contentType: type, body: Buffer.from(await answer.arrayBuffer()) }
      } catch (error) {
        // It has ended or is too slow. SageMaker reports that as a failure of the container.
        return { status: 500, contentType: 'text/plain', body: Buffer.from(String(error)) }
      }
    },
    async stop() {
      for (const id of containers.keys()) end(id)
      await Promise.all([...containers.values()].map(({ done }) => done))
    },
  }
}

function start(options: ServingOptions, fleet: Fleet): Container {
  const gone = new AbortController()
  const port = freePort()
  const container: Container = { launch: { kind: 'starting' }, gone, port, done: live() }
  return container

  async function live(): Promise<void> {
    const folder = join(options.folder, `${fleet.id}-${fleet.config.input.EndpointConfigName}`)
    mkdirSync(folder, { recursive: true })
    const variant = fleet.config.variant.VariantName
    try {
      await downloadModel(options.s3, fleet.model.input.PrimaryContainer, folder)
    } catch (error) {
      const reason = `Failed to download model data for production variant ${variant}: ${(error as Error).message}.`
      container.launch = { kind: 'failed', reason }
      return
    }
    if (gone.signal.aborted) return
    const child = serve(folder, await port, fleet.model.input.PrimaryContainer.Environment ?? {})
    const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()))
    const kill = (): void => signalGroup(child, 'SIGKILL')
    gone.signal.addEventListener('abort', kill, { once: true })
    if (gone.signal.aborted) kill()
    const isHealthy = await Promise.race([healthy(await port, options.startsWithin, gone.signal), ended])
    container.launch = isHealthy === true ? { kind: 'healthy' } : { kind: 'failed', reason: noPing(variant) }
    if (isHealthy !== true) kill()
    await ended
  }
}

/** In a process group of its own, so that what it starts ends with it. It ends when its pipe closes. */
function serve(folder: string, port: number, environment: Readonly<Record<string, string>>): ChildProcess {
  const log = openSync(`${folder}.log`, 'a')
  const uvicorn = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const child = spawn(PYTHON, [LAUNCHER, UVICORN, ...uvicorn, 'mlflow.pyfunc.scoring_server.app:app'], {
    cwd: folder,
    stdio: ['pipe', log, log],
    detached: true,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
      ...environment,
      // As `mlflow models serve` sets it.
      __pyfunc_model_path__: `file://${encodeURI(folder)}`,
      MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: '60',
    },
  })
  closeSync(log)
  return child
}

async function healthy(port: number, within: Milliseconds, gone: AbortSignal): Promise<boolean> {
  const until = Date.now() + within
  while (Date.now() < until && !gone.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    )
    if (answer?.status === 200) return true
    await sleep(100)
  }
  return false
}
