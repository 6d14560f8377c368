import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Milliseconds } from '../../src/core/time.ts'
import { callApi, parseBody } from './api.ts'
import { ApiError } from './errors.ts'
import { type FaultPlan, faultPlan } from './faults.ts'
import { type Notification, sendNotification } from './notifications.ts'
import { type Authority, authority } from './oauth.ts'
import { runPython } from './python.ts'
import { type Faults, faults, type NewDestination, type NewJob, parse } from './requests.ts'
import type { Run } from './run.ts'
import { WorkspaceCore } from './workspace.ts'

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python')
const LARGEST_REQUEST = 10_000_000

export interface DatabricksOptions {
  /** Default: a free one. */
  readonly port?: number
  /** The whole environment of jobs: the emulator's, with its endpoint and keys. */
  readonly environment: NodeJS.ProcessEnv
  readonly clientId?: string
  readonly clientSecret?: string
  /** Personal access tokens that are accepted beside OAuth. */
  readonly tokens?: readonly string[]
  /** Lifetime of an OAuth token, in seconds. Default: 3600. */
  readonly tokenLife?: number
  /** How long a run is PENDING. Default: 200. */
  readonly startup?: Milliseconds
  /** Unfinished runs; beyond it `run-now` answers 429. Default: 1000. */
  readonly maxRuns?: number
  /** Where Unity Catalog keeps models. Default: `s3://unity-storage/metastore`. */
  readonly unityStorage?: string
}

/** A Databricks workspace on 127.0.0.1. */
export interface LocalDatabricks {
  /** `http://127.0.0.1:PORT` */
  readonly host: string
  readonly clientId: string
  readonly clientSecret: string
  /**
   * As `jobs/create`. Its Python file runs as `.venv/bin/python FILE PARAMETERS…` with references such as
   * `{{job.parameters.NAME}}` filled in.
   *
   * @param id default: chosen by the workspace
   */
  createJob(job: NewJob, id?: number): number
  /** As `notification-destinations`: a URL that gets notifications of jobs, with Basic auth. Answers its id. */
  createDestination(url: string, username?: string, password?: string): string
  /** As `POST /_local/faults`. */
  plan(faults: Faults): void
  /** All runs, oldest first. */
  runs(): readonly Run[]
  /** Received calls, oldest first: `POST /api/2.2/jobs/run-now`. Includes those during an outage. */
  readonly calls: readonly string[]
  /** Kills all runs and closes. Safe to call twice. */
  stop(): Promise<void>
}

interface Internals {
  readonly workspace: WorkspaceCore
  readonly authority: Authority
  readonly faults: FaultPlan
  readonly calls: string[]
}

export async function startDatabricks(options: DatabricksOptions): Promise<LocalDatabricks> {
  const { clientId = 'landfall-local', clientSecret = 'landfall-local-secret' } = options
  const planned = faultPlan(Date.now)
  const closing = new AbortController()
  const sending = new Set<Promise<unknown>>()
  const notify = (destination: NewDestination, notification: Notification): void => {
    if (planned.dropsNotification()) return
    const sent = sendNotification(destination, notification, closing.signal).finally(() => sending.delete(sent))
    sending.add(sent)
  }
  const workspace = new WorkspaceCore({
    now: Date.now,
    startup: options.startup ?? 200,
    maxRuns: options.maxRuns ?? 1000,
    unityStorage: options.unityStorage ?? 's3://unity-storage/metastore',
    execute: (run, signal) => runPython(PYTHON, options.environment, run, signal),
    notify,
  })
  const principal = { clientId, clientSecret }
  const parts: Internals = {
    workspace,
    authority: authority(principal, options.tokens ?? [], options.tokenLife ?? 3600, Date.now),
    faults: planned,
    calls: [],
  }
  const server = createServer((request, response) => void serve(parts, request, response))
  const port = await listen(server, options.port ?? 0)
  return {
    host: `http://127.0.0.1:${port}`,
    clientId,
    clientSecret,
    calls: parts.calls,
    runs: () => workspace.runs,
    createJob: (job, id) => workspace.createJob(job, id),
    createDestination: (url, username, password) =>
      workspace.createDestination({ display_name: url, config: { generic_webhook: { url, username, password } } }),
    plan: (given) => applyFaults(parts, given),
    async stop() {
      closing.abort()
      server.closeAllConnections()
      server.close()
      await workspace.close()
      await Promise.all(sending)
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the Databricks stand-in has no port')
  return address.port
}

async function serve(parts: Internals, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request)
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`)
    if (url.pathname.startsWith('/_local/')) return answer(response, 200, control(parts, request, url, body))
    parts.calls.push(`${request.method} ${url.pathname}`)
    if (parts.faults.isDown()) return void request.socket.destroy()
    parts.faults.check(url.pathname)
    const { authorization } = request.headers
    if (`${request.method} ${url.pathname}` === 'POST /oidc/v1/token') {
      const granted = parts.authority.grant(authorization, body)
      return answer(response, granted.status, granted.body)
    }
    parts.authority.check(authorization)
    answer(response, 200, callApi(parts.workspace, request.method ?? '', url, body))
  } catch (error) {
    const known = error instanceof ApiError ? error : new ApiError(500, 'INTERNAL_ERROR', String(error))
    if (known.retryAfter !== undefined) response.setHeader('retry-after', String(known.retryAfter))
    answer(response, known.status, { error_code: known.code, message: known.message })
  }
}

/** `POST /_local/faults` plans failures, `DELETE` ends them, `GET /_local/calls` answers the received calls. */
function control(parts: Internals, request: IncomingMessage, url: URL, body: string): object {
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /_local/faults':
      applyFaults(parts, parse(faults, parseBody(body)))
      return {}
    case 'DELETE /_local/faults':
      parts.faults.clear()
      parts.workspace.denied = []
      return {}
    case 'GET /_local/calls':
      return { calls: parts.calls }
    default:
      throw new ApiError(404, 'ENDPOINT_NOT_FOUND', `There is no control '${request.method} ${url.pathname}'`)
  }
}

function applyFaults(parts: Internals, given: Faults): void {
  parts.faults.plan(given)
  if (given.deny !== undefined) parts.workspace.denied = given.deny
  if (given.revoke_tokens === true) parts.authority.revoke()
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > LARGEST_REQUEST)
      throw new ApiError(413, 'MAX_REQUEST_SIZE_EXCEEDED', `More than ${LARGEST_REQUEST} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
