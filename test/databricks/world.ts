import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager'
import type { NewJob } from '../../local/databricks/requests.ts'
import { type LocalDatabricks, startDatabricks } from '../../local/databricks/server.ts'
import { secretsmanager } from '../../src/aws/clients.ts'
import { secretsManager } from '../../src/aws/secrets.ts'
import { databricks } from '../../src/databricks/client.ts'
import type { Databricks, JobRunStatus } from '../../src/databricks/ports.ts'
import { httpClient } from '../../src/http/http.ts'

/** A local workspace, Landfall's client for it, and a folder for the files of its jobs. */
export interface WorkspaceWorld {
  readonly workspace: LocalDatabricks
  readonly client: Databricks
  readonly folder: string
  clientWith(patience: Parameters<typeof httpClient>[0]): Databricks
  /** Creates a job that runs `code` in Python, with the parameter `landfall_table` and the path of a file to write. */
  job(name: string, code: string, more?: Partial<NewJob>): number
  start(jobId: number, table?: string, token?: string): Promise<{ runId: string }>
  ended(runId: string, of?: Databricks): Promise<JobRunStatus>
  /** The lines of a file in the folder. */
  linesOf(name: string): Promise<string[]>
  /** Calls the API directly, with GET if there is no body. */
  api(path: string, body?: object): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** `called` is part of the names of its secret and tokens, since test files run concurrently. */
export async function startWorkspaceWorld(called: string): Promise<WorkspaceWorld> {
  const folder = mkdtempSync(join(tmpdir(), `databricks-${called}-`))
  const workspace = await startDatabricks({ environment: { ...process.env }, tokenLife: 2, startup: 20 })
  const manager = secretsmanager()
  const secret = `test/databricks-${called}`
  const { clientId: client_id, clientSecret: client_secret } = workspace
  await manager.send(
    new CreateSecretCommand({ Name: secret, SecretString: JSON.stringify({ client_id, client_secret }) }),
  )
  const clientWith = (patience: Parameters<typeof httpClient>[0]) =>
    databricks({
      host: workspace.host,
      secret,
      secrets: secretsManager(manager),
      http: httpClient(patience),
      now: Date.now,
    })
  const client = clientWith({})
  let count = 0
  return {
    workspace,
    client,
    folder,
    clientWith,
    job: (name, code, more) => makeJob(workspace, folder, name, code, more),
    start: (jobId, table = 'uploads', token = `${called}-${(count += 1)}`) =>
      client.runNow({ jobId, token, parameters: { landfall_table: table } }),
    ended: (runId, of = client) => endOf(runId, of),
    async linesOf(name) {
      const { stdout } = await promisify(execFile)('cat', [join(folder, name)])
      return stdout.trim().split('\n')
    },
    api: (path, body) => callApi(workspace, path, body),
    async stop() {
      await workspace.stop()
      await manager.send(new DeleteSecretCommand({ SecretId: secret, ForceDeleteWithoutRecovery: true }))
      manager.destroy()
      rmSync(folder, { recursive: true })
    },
  }
}

function makeJob(workspace: LocalDatabricks, folder: string, name: string, code: string, more?: Partial<NewJob>) {
  const python_file = join(folder, `${name}.py`)
  writeFileSync(python_file, code)
  const parameters = ['{{job.parameters.landfall_table}}', join(folder, name)]
  return workspace.createJob({
    name,
    tasks: [{ task_key: name, spark_python_task: { python_file, parameters } }],
    parameters: [{ name: 'landfall_table', default: '' }],
    ...more,
  })
}

async function endOf(runId: string, of: Databricks): Promise<JobRunStatus> {
  for (let tries = 0; tries < 600; tries += 1) {
    const status = await of.run(runId)
    if (status.kind !== 'running') return status
    await sleep(25)
  }
  throw new Error(`run ${runId} did not end`)
}

async function callApi({ host, clientId, clientSecret }: LocalDatabricks, path: string, body?: object) {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const granted = await fetch(`${host}/oidc/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=all-apis',
  })
  const { access_token } = (await granted.json()) as { access_token: string }
  const answer = await fetch(`${host}/api/2.2/${path}`, {
    headers: { authorization: `Bearer ${access_token}` },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

interface Notification {
  readonly event_type: string
  readonly workspace_id: string
  readonly run: { readonly run_id: unknown }
  readonly job: { readonly job_id: unknown; readonly name: string }
}

interface Received {
  readonly authorization: string | undefined
  readonly body: Notification
}

export interface Receiver {
  readonly received: Received[]
  /** The setting of a job that delivers its notifications here. */
  readonly notifications: NonNullable<NewJob['webhook_notifications']>
  /** Answers the next `times` deliveries with 503. */
  refuse(times: number): void
  /** The notifications of a run, once these events have arrived. */
  notified(runId: string, events: readonly string[]): Promise<Received[]>
  close(): void
}

/** A server that the workspace delivers job notifications to, as the user `landfall`. */
export async function startReceiver(workspace: LocalDatabricks): Promise<Receiver> {
  const received: Received[] = []
  let refusals = 0
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (refusals > 0) {
        refusals -= 1
        response.writeHead(503).end()
        return
      }
      const body = JSON.parse(Buffer.concat(parts).toString()) as Notification
      received.push({ authorization: request.headers.authorization, body })
      response.end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const destination = [{ id: workspace.createDestination(`http://127.0.0.1:${port}/jobs`, 'landfall', 'pass:word') }]
  return {
    received,
    notifications: { on_start: destination, on_success: destination, on_failure: destination },
    refuse: (times) => void (refusals = times),
    async notified(runId, events) {
      for (let tries = 0; tries < 200; tries += 1) {
        const found = received.filter(({ body }) => body.run.run_id === runId)
        if (events.every((event) => found.some(({ body }) => body.event_type === event))) return found
        await sleep(25)
      }
      throw new Error(`no ${events.join(', ')} of run ${runId}`)
    },
    close: () => void server.close(),
  }
}

/** Python code of a job that appends its table to its file. */
export const APPEND = `
import sys
with open(sys.argv[2], "a") as out:
    out.write(sys.argv[1] + "\\n")
`
