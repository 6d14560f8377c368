import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { S3Client } from '@aws-sdk/client-s3'
import { type Containers, mlflowContainers } from './containers.ts'
import { ServiceError } from './core/errors.ts'
import type { Limits } from './core/kept.ts'
import type { Durations } from './core/machine.ts'
import { ScalingCore } from './core/scaling.ts'
import { SageMakerCore } from './core/service.ts'
import type { EndpointEvent } from './core/views.ts'
import { type Faults, FaultPlan } from './faults.ts'
import { invocation, type Invoked } from './invocation.ts'
import { type AlarmState, cloudWatchMonitoring, type Monitoring } from './metrics.ts'
import { answerError, answerJson, bodyOf, parseBody } from './protocol.ts'

/** How often what is under way is looked at, in ms; each call looks too. */
const TICK = 200

export interface SageMakerOptions {
  /** A free one is chosen where none is given. */
  readonly port?: number
  /** `http://127.0.0.1:PORT` of the emulator whose S3 and CloudWatch it works with. */
  readonly aws: string
  /** Of SageMaker's waits: 0.01 makes a second of them ten milliseconds. Default: 1. */
  readonly scale?: number
  /** Beyond what really serving a model takes. Default: none. */
  readonly durations?: Partial<Durations>
  readonly limits?: Partial<Limits>
  /** ms within which a container has to be healthy. Default: 60 s. */
  readonly startsWithin?: number
  /** For the containers' artifacts and logs. In it, one is made that `stop` removes. Default: the system's. */
  readonly folder?: string
  /** What EventBridge would get. */
  onEvent?(event: EndpointEvent): void
  /** In place of MLflow's scoring server. */
  readonly containers?: Containers
  /** In place of the emulator's CloudWatch. */
  readonly monitoring?: Monitoring
  /** 0 to 1: which fleet an invocation goes to. Default: Math.random. */
  random?(): number
}

/** Amazon SageMaker, sagemaker-runtime and Application Auto Scaling of endpoint variants, on one port of 127.0.0.1. */
export interface LocalSageMaker {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  /** What SDKs need to find it; they prefer it to AWS_ENDPOINT_URL. */
  readonly environment: Readonly<Record<string, string>>
  /** Operations called, oldest first: `UpdateEndpoint`. */
  readonly calls: readonly string[]
  /** Artifacts and logs of the containers: `FLEET-CONFIGURATION.log`. Removed by `stop`. */
  readonly folder: string
  readonly core: SageMakerCore
  readonly scaling: ScalingCore
  plan(faults: Faults): void
  /** Ends all containers and closes. Safe to call twice. */
  stop(): Promise<void>
}

/** What leads SDKs to the stand-in on this port of 127.0.0.1. */
export function sagemakerEnvironment(port: number): Readonly<Record<string, string>> {
  const endpoint = `http://127.0.0.1:${port}`
  return {
    AWS_ENDPOINT_URL_SAGEMAKER: endpoint,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpoint,
    AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: endpoint,
  }
}

interface Parts {
  readonly core: SageMakerCore
  readonly scaling: ScalingCore
  readonly faults: FaultPlan
  readonly calls: string[]
  readonly invoke: (name: string, body: Buffer, contentType: string) => Promise<Invoked>
  /** Asks CloudWatch for the alarms of updates under way, then does what has become due. */
  advance(): Promise<void>
}

/**
 * Starts the stand-in. It does what a deployment can meet: the requests are checked as the API's model and its documented rules
 * say, endpoints go through SageMaker's states with blue/green, canary, linear and rolling updates, alarms and rollbacks, models are
 * really served by MLflow's scoring server on the artifacts in S3, and each invocation is told to CloudWatch.
 *
 * It does not: look at images, roles, VPCs or signatures; keep captured data; scale by itself (what is registered can be read back);
 * give more than one container to a fleet, or restart one that has died (its invocations then fail with 500); know several variants,
 * shadow variants, inference components, asynchronous inference or response streams.
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
  const parts = assemble(options, containers, options.monitoring ?? cloudWatchMonitoring(cloudWatch))
  const server = createServer((request, response) => void serve(parts, request, response))
  const port = await listen(server, options.port ?? 0)
  // A failure here is met, and told, by the next call.
  const ticking = setInterval(() => void parts.advance().catch(() => undefined), TICK)
  const endpoint = `http://127.0.0.1:${port}`
  return {
    endpoint,
    environment: sagemakerEnvironment(port),
    calls: parts.calls,
    folder,
    core: parts.core,
    scaling: parts.scaling,
    plan: (faults) => parts.faults.plan(faults),
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

function assemble(options: SageMakerOptions, containers: Containers, monitoring: Monitoring): Parts {
  const faults = new FaultPlan()
  let alarms: ReadonlyMap<string, AlarmState> = new Map()
  const core = new SageMakerCore({
    now: Date.now,
    launch: (fleet) => faults.launch(fleet) ?? containers.launch(fleet),
    retire: (fleet) => containers.retire(fleet),
    alarmState: (name) => alarms.get(name) ?? 'OK',
    rollbackFails: () => faults.rollbackFails,
    isScaled: (endpoint, variant) => scaling.has(endpoint, variant),
    ...(options.scale === undefined ? {} : { scale: options.scale }),
    ...(options.durations === undefined ? {} : { durations: options.durations }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
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

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request)
    const [, invoked] = /^\/endpoints\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? []
    if (invoked !== undefined && request.method === 'POST') {
      note(parts, 'InvokeEndpoint')
      await parts.advance()
      const contentType = request.headers['content-type'] ?? 'application/octet-stream'
      const answer = await parts.invoke(decodeURIComponent(invoked), body, contentType)
      response.writeHead(200, {
        'content-type': answer.contentType,
        'x-amzn-invoked-production-variant': answer.variant,
      })
      response.end(answer.body)
      return
    }
    answerJson(response, await call(parts, String(request.headers['x-amz-target'] ?? ''), body))
  } catch (error) {
    answerError(response, error)
  }
}

async function call(parts: Parts, target: string, body: Buffer): Promise<object> {
  const [service, operation = ''] = target.split('.')
  note(parts, operation)
  const input = parseBody(body)
  await parts.advance()
  if (service === 'SageMaker') return parts.core.call(operation, input)
  if (service === 'AnyScaleFrontendService') return parts.scaling.call(operation, input)
  throw new ServiceError('UnknownOperationException', `There is no operation ${target} here.`)
}

function note({ calls, faults }: Parts, operation: string): void {
  calls.push(operation)
  faults.check(operation)
}
