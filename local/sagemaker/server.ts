import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { S3Client } from '@aws-sdk/client-s3'
import type { Milliseconds } from '../../src/core/time.ts'
import { type Containers, mlflowContainers } from './containers.ts'
import { ServiceError } from './core/errors.ts'
import type { Limits } from './core/kept.ts'
import type { Durations } from './core/machine.ts'
import { ScalingCore } from './core/scaling.ts'
import { SageMakerCore } from './core/service.ts'
import type { EndpointEvent } from './core/views.ts'
import { FaultPlan, type SageMakerFaults } from './faults.ts'
import { invocation, type Invoked } from './invocation.ts'
import { type AlarmState, cloudWatchMonitoring, type Monitoring } from './metrics.ts'
import { answerError, answerJson, bodyOf, parseBody } from './protocol.ts'

/** How often updates in progress advance. Each call advances them too. */
const TICK: Milliseconds = 200

export interface SageMakerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** `http://127.0.0.1:PORT` of the emulator whose S3 and CloudWatch it uses. */
  readonly aws: string
  /** Of SageMaker's waits: with 0.01 a second takes ten milliseconds. Default: 1. */
  readonly scale?: number
  /** Waits in addition to the time that serving a model really takes. Default: none. */
  readonly durations?: Partial<Durations>
  readonly limits?: Partial<Limits>
  /** Within this a container must be healthy. Default: 60 s. */
  readonly startsWithin?: Milliseconds
  /** Parent of a folder for the containers' artifacts and logs, which `stop` removes. Default: the system's temporary folder. */
  readonly folder?: string
  /** Gets the events that SageMaker would send to EventBridge. */
  onEvent?(event: EndpointEvent): void
  /** In place of MLflow's scoring server. */
  readonly containers?: Containers
  /** In place of the emulator's CloudWatch. */
  readonly monitoring?: Monitoring
  /** 0 to 1, chooses the fleet of an invocation. Default: Math.random. */
  random?(): number
}

/** Amazon SageMaker, sagemaker-runtime and Application Auto Scaling of endpoint variants, on one port of 127.0.0.1. */
export interface LocalSageMaker {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  /** Variables with which SDKs find it. They take precedence over AWS_ENDPOINT_URL. */
  readonly environment: Readonly<Record<string, string>>
  /** Operations called, oldest first: `UpdateEndpoint`. */
  readonly calls: readonly string[]
  /** Artifacts and logs of the containers: `FLEET-CONFIGURATION.log`. Removed by `stop`. */
  readonly folder: string
  readonly core: SageMakerCore
  readonly scaling: ScalingCore
  plan(faults: SageMakerFaults): void
  /** Ends all containers and closes. Safe to call twice. */
  stop(): Promise<void>
}

/** The variables that lead SDKs to a stand-in on this port of 127.0.0.1. */
export function sagemakerEnvironment(port: number): Readonly<Record<string, string>> {
  const endpoint = `http://127.0.0.1:${port}`
  return {
    AWS_ENDPOINT_URL_SAGEMAKER: endpoint,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpoint,
    AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: endpoint,
  }
}

interface Internals {
  readonly core: SageMakerCore
  readonly scaling: ScalingCore
  readonly faults: FaultPlan
  readonly calls: string[]
  readonly invoke: (name: string, body: Buffer, contentType: string) => Promise<Invoked>
  /** Reads the alarms of updates in progress from CloudWatch, then does what has become due. */
  advance(): Promise<void>
}

/**
 * Starts the stand-in. It implements what a deployment can meet. Requests are checked by the API's model and its documented rules.
 * Endpoints go through SageMaker's states, with blue/green, canary, linear and rolling updates, alarms and rollbacks. MLflow's scoring
 * server really serves the models, from their artifacts in S3. CloudWatch gets metrics of each invocation.
 *
 * It does not check images, roles, VPCs or signatures, store captured data, scale by itself (registrations can be read back), run more
 * than one container for a fleet, or restart one that has died (its invocations fail with 500). It has no several variants, shadow
 * variants, inference components, asynchronous inference or response streams.
 */
export async function startSageMaker(options: SageMakerOptions): Promise<LocalSageMaker> {
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'landfall-sagemaker-'))
  const removeAll = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeAll)
  const aws = clientSettings(options.aws)
  const s3 = new S3Client({ ...aws, forcePathStyle: true })
  const cloudWatch = new CloudWatchClient(aws)
  const containers =
    options.containers ?? mlflowContainers({ s3, folder, startsWithin: options.startsWithin ?? 60_000 })
  const internals = assemble(options, containers, options.monitoring ?? cloudWatchMonitoring(cloudWatch))
  const server = createServer((request, response) => void serve(internals, request, response))
  const port = await listen(server, options.port ?? 0)
  // If this fails, the next call fails too, and reports it.
  const ticking = setInterval(() => void internals.advance().catch(() => undefined), TICK)
  const endpoint = `http://127.0.0.1:${port}`
  return {
    endpoint,
    environment: sagemakerEnvironment(port),
    calls: internals.calls,
    folder,
    core: internals.core,
    scaling: internals.scaling,
    plan: (faults) => internals.faults.plan(faults),
    async stop() {
      clearInterval(ticking)
      server.closeAllConnections()
      server.close()
      await containers.stop()
      s3.destroy()
      cloudWatch.destroy()
      process.off('exit', removeAll)
      removeAll()
    },
  }
}

function clientSettings(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
}

function assemble(options: SageMakerOptions, containers: Containers, monitoring: Monitoring): Internals {
  const faults = new FaultPlan()
  let alarms: ReadonlyMap<string, AlarmState> = new Map()
  const core = new SageMakerCore({
    now: Date.now,
    launch: (fleet) => faults.launch(fleet) ?? containers.launch(fleet),
    retire: (fleet) => containers.retire(fleet),
    alarmState: (name) => alarms.get(name) ?? 'OK',
    rollbackFails: () => faults.rollbackFails,
    isScaled: (endpoint, variant) => scaling.has(endpoint, variant),
    scale: options.scale,
    durations: options.durations,
    limits: options.limits,
    onEvent: (event) => options.onEvent?.(event),
  })
  const scaling = new ScalingCore({ now: Date.now, endpoint: (name) => core.endpoints.get(name) })
  return {
    core,
    scaling,
    faults,
    calls: [],
    invoke: invocation({ core, containers, monitoring, random: options.random ?? Math.random }),
    async advance() {
      const watched = [...core.endpoints.values()].flatMap(({ work }) =>
        work?.kind === 'update' ? work.plan.alarms : [],
      )
      if (watched.length > 0) alarms = await monitoring.alarms([...new Set(watched)])
      core.advance()
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the SageMaker stand-in has no port')
  return address.port
}

async function serve(internals: Internals, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request)
    const [, invoked] = /^\/endpoints\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? []
    if (invoked !== undefined && request.method === 'POST') {
      note(internals, 'InvokeEndpoint')
      await internals.advance()
      const contentType = request.headers['content-type'] ?? 'application/octet-stream'
      const answer = await internals.invoke(decodeURIComponent(invoked), body, contentType)
      response.writeHead(200, {
        'content-type': answer.contentType,
        'x-amzn-invoked-production-variant': answer.variant,
      })
      response.end(answer.body)
      return
    }
    answerJson(response, await call(internals, String(request.headers['x-amz-target'] ?? ''), body))
  } catch (error) {
    answerError(response, error)
  }
}

async function call(internals: Internals, target: string, body: Buffer): Promise<object> {
  const [service, operation = ''] = target.split('.')
  note(internals, operation)
  const input = parseBody(body)
  await internals.advance()
  if (service === 'SageMaker') return internals.core.call(operation, input)
  if (service === 'AnyScaleFrontendService') return internals.scaling.call(operation, input)
  throw new ServiceError('UnknownOperationException', `${target} is not implemented by this stand-in.`)
}

function note({ calls, faults }: Internals, operation: string): void {
  calls.push(operation)
  faults.check(operation)
}
