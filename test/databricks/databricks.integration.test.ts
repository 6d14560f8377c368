import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { NewJob } from '../../local/databricks/requests.ts'
import { type LocalDatabricks, startDatabricks } from '../../local/databricks/server.ts'
import { cleanUploads } from '../../local/databricks/jobs/clean-uploads.ts'
import { s3, secretsmanager } from '../../src/aws/clients.ts'
import { databricks } from '../../src/databricks/client.ts'
import { httpClient, Unavailable } from '../../src/http/http.ts'
import { secretsManager } from '../../src/aws/secrets.ts'
import type { Databricks, JobRunStatus } from '../../src/databricks/ports.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'databricks-test-'))
const SECRET = 'test/databricks'
const manager = secretsmanager()
const bucket = s3()
const here = { ...process.env }

let workspace: LocalDatabricks
let receiver: Server
const received: { readonly authorization?: string; readonly body: Notified }[] = []
let refusals = 0
let client: Databricks
let destination: string

interface Notified {
  readonly event_type: string
  readonly workspace_id: string
  readonly run: { readonly run_id: unknown }
  readonly job: { readonly job_id: unknown; readonly name: string }
}

beforeAll(async () => {
  workspace = await startDatabricks({ environment: here, tokenLife: 2, startup: 20 })
  receiver = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (refusals > 0) {
        refusals -= 1
        response.writeHead(503).end()
        return
      }
      const { authorization } = request.headers
      received.push({
        ...(authorization === undefined ? {} : { authorization }),
        body: JSON.parse(Buffer.concat(parts).toString()) as Notified,
      })
      response.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as { port: number }
  destination = workspace.createDestination(`http://127.0.0.1:${port}/jobs`, 'landfall', 'pass:word')
  const { clientId: client_id, clientSecret: client_secret } = workspace
  await manager.send(
    new CreateSecretCommand({ Name: SECRET, SecretString: JSON.stringify({ client_id, client_secret }) }),
  )
  client = clientWith({})
})

afterAll(async () => {
  await workspace.stop()
  receiver.close()
  await manager.send(new DeleteSecretCommand({ SecretId: SECRET, ForceDeleteWithoutRecovery: true }))
  manager.destroy()
  bucket.destroy()
  rmSync(folder, { recursive: true })
})

function clientWith(patience: Parameters<typeof httpClient>[0]): Databricks {
  const secrets = secretsManager(manager)
  return databricks({ host: workspace.host, secret: SECRET, secrets, http: httpClient(patience), now: Date.now })
}

/** A job whose Python is `code`; it takes the parameter `landfall_table`, and `more`. */
function job(name: string, code: string, more: Partial<NewJob> = {}): number {
  const file = join(folder, `${name}.py`)
  writeFileSync(file, code)
  return workspace.createJob({
    name,
    tasks: [
      {
        task_key: name,
        spark_python_task: { python_file: file, parameters: ['{{job.parameters.landfall_table}}', join(folder, name)] },
      },
    ],
    parameters: [{ name: 'landfall_table', default: '' }],
    webhook_notifications: {
      on_start: [{ id: destination }],
      on_success: [{ id: destination }],
      on_failure: [{ id: destination }],
    },
    ...more,
  })
}

let count = 0
const start = (jobId: number, table = 'uploads', token = `token-${(count += 1)}`): Promise<{ runId: string }> =>
  client.runNow({ jobId, token, parameters: { landfall_table: table } })

async function ended(runId: string, of: Databricks = client): Promise<JobRunStatus> {
  for (let tries = 0; tries < 600; tries += 1) {
    const status = await of.run(runId)
    if (status.kind !== 'running') return status
    await sleep(25)
  }
  throw new Error(`run ${runId} did not end`)
}

async function notified(runId: string, events: readonly string[]): Promise<typeof received> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = received.filter(({ body }) => body.run.run_id === runId)
    if (events.every((event) => found.some(({ body }) => body.event_type === event))) return found
    await sleep(25)
  }
  throw new Error(`no ${events.join(', ')} of run ${runId}`)
}

const APPEND = `
import sys
with open(sys.argv[2], "a") as out:
    out.write(sys.argv[1] + "\\n")
`
const WAIT = `
import os, sys, time
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
`
const release = (name: string): void => writeFileSync(join(folder, name), '')
async function linesOf(name: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('cat', [join(folder, name)])
  return stdout.trim().split('\n')
}

test('a run really executes, with its parameters as they were sent', async () => {
  const table = `up'loads "x" $(id) {{job.id}} ü\n`.trim()
  const { runId } = await start(job('append', APPEND), table)
  expect(await ended(runId)).toEqual({ kind: 'succeeded' })
  expect(await linesOf('append')).toEqual([table])
})

test('a job that fails says how, by the end of its error output', async () => {
  const { runId } = await start(job('fails', 'raise ValueError("no such column: dt")'))
  const status = await ended(runId)
  expect(status).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ValueError: no such column: dt') })
  expect(status).toMatchObject({ reason: expect.stringMatching(/^FAILED \(RUN_EXECUTION_ERROR\)/) })
  const missing = workspace.createJob({ tasks: [{ task_key: 'm', spark_python_task: { python_file: '/nowhere.py' } }] })
  const other = await client.runNow({ jobId: missing, token: 'm', parameters: {} })
  expect(await ended(other.runId)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('/nowhere.py') })
})

test('the same token starts one run, however often and at once it is sent', async () => {
  const id = job('once', APPEND)
  const runs = await Promise.all(Array.from({ length: 8 }, () => start(id, 'uploads', 'same')))
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
  await ended(runs[0]?.runId ?? '')
  expect(await start(id, 'uploads', 'same')).toEqual(runs[0])
  expect(await linesOf('once')).toEqual(['uploads'])
})

test('a job that is busy queues what the client sends, and runs it in order', async () => {
  const id = job('queue', `${WAIT}\nwith open(sys.argv[2] + ".log", "a") as out: out.write(sys.argv[1] + "\\n")`)
  const runs = [await start(id, 'first'), await start(id, 'second'), await start(id, 'third')]
  await sleep(200)
  expect(await Promise.all(runs.map(({ runId }) => client.run(runId)))).toEqual(runs.map(() => ({ kind: 'running' })))
  release('queue')
  for (const { runId } of runs) expect(await ended(runId)).toEqual({ kind: 'succeeded' })
  expect(await linesOf('queue.log')).toEqual(['first', 'second', 'third'])
})

test('a run that found the job busy and did not queue is told from one that failed, and never ran', async () => {
  const id = job('skip', WAIT)
  const busy = await start(id)
  const skipped = await api('jobs/run-now', { job_id: id, idempotency_token: 'skip-me' })
  const status = await client.run(String(skipped['run_id']))
  expect(status).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('MAXIMUM_CONCURRENT_RUNS_REACHED') })
  expect(await start(id, 'uploads', 'skip-me')).toEqual({ runId: String(skipped['run_id']) })
  release('skip')
  await ended(busy.runId)
})

test('a run beyond its time is killed with what it started', async () => {
  const code = `
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "300"])
open(sys.argv[2], "w").write(str(child.pid))
time.sleep(300)`
  const { runId } = await start(job('slow', code, { timeout_seconds: 1 }))
  expect(await ended(runId)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('TIMEDOUT') })
  const [pid] = await linesOf('slow')
  await sleep(50)
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  expect(stdout.trim()).toMatch(/^(Z.*)?$/)
})

describe('notifications', () => {
  test('come with Basic auth and ids as text, and are sent again when they are not taken', async () => {
    refusals = 1
    const id = job('notify', '')
    const { runId } = await start(id)
    const found = await notified(runId, ['jobs.on_start', 'jobs.on_success'])
    expect(found).toHaveLength(2)
    for (const { authorization, body } of found) {
      expect(authorization).toBe(`Basic ${Buffer.from('landfall:pass:word').toString('base64')}`)
      expect(body).toEqual({
        event_type: expect.stringMatching(/^jobs\.on_(start|success)$/),
        workspace_id: expect.any(String),
        run: { run_id: runId },
        job: { job_id: String(id), name: 'notify' },
      })
    }
  })

  test('of a failure are those of a failure; lost ones leave the run to be asked for', async () => {
    const id = job('unhappy', 'raise SystemExit(3)')
    const { runId } = await start(id)
    await notified(runId, ['jobs.on_start', 'jobs.on_failure'])
    workspace.plan({ drop_notifications: 2 })
    const lost = await start(id)
    expect(await ended(lost.runId)).toMatchObject({ kind: 'failed' })
    await sleep(100)
    expect(received.filter(({ body }) => body.run.run_id === lost.runId)).toEqual([])
  })
})

describe('trouble', () => {
  test('an outage of some time is waited out within the budget; nothing is started twice', async () => {
    const id = job('outage', APPEND)
    workspace.plan({ down: 0.6 })
    const patient = clientWith({ tries: 8 })
    const { runId } = await patient.runNow({ jobId: id, token: 'outage', parameters: { landfall_table: 'x' } })
    expect(await ended(runId, patient)).toEqual({ kind: 'succeeded' })
    expect(await linesOf('outage')).toEqual(['x'])
  })

  test('a longer one is thrown as what passes, and the same token goes on afterwards', async () => {
    const id = job('longer', APPEND)
    workspace.plan({ down: 1 })
    const hasty = clientWith({ budget: 300 })
    const attempt = { jobId: id, token: 'longer', parameters: { landfall_table: 'x' } }
    await expect(hasty.runNow(attempt)).rejects.toThrow(Unavailable)
    await sleep(1200)
    expect(await ended((await hasty.runNow(attempt)).runId)).toEqual({ kind: 'succeeded' })
  })

  test('429 is waited out as it asks', async () => {
    const id = job('limited', APPEND)
    workspace.plan({ fail: { times: 2, status: 429, retry_after: 0.3, path: '/api/2.2/jobs/run-now' } })
    const began = Date.now()
    await ended((await start(id)).runId)
    expect(Date.now() - began).toBeGreaterThanOrEqual(590)
    expect(await linesOf('limited')).toHaveLength(1)
  })

  test('tokens that end, or are revoked, are replaced without a call failing', async () => {
    const { runId } = await start(job('tokens', ''))
    await ended(runId)
    workspace.plan({ revoke_tokens: true })
    expect(await client.run(runId)).toEqual({ kind: 'succeeded' })
    const before = workspace.calls.filter((call) => call === 'POST /oidc/v1/token').length
    await sleep(2100)
    expect(await client.run(runId)).toEqual({ kind: 'succeeded' })
    expect(workspace.calls.filter((call) => call === 'POST /oidc/v1/token')).toHaveLength(before + 1)
  })
})

describe('what the workspace refuses', () => {
  const refused = (given: Partial<Parameters<Databricks['runNow']>[0]>): Promise<unknown> =>
    client.runNow({ jobId: known, token: 't', parameters: {}, ...given }).catch((error: unknown) => error)
  let known = 0
  beforeAll(() => {
    known = job('refuses', '')
  })

  test('no such job, no such run', async () => {
    expect(await refused({ jobId: 7 })).toMatchObject({ code: 'no-such-job' })
    await expect(client.run('7')).rejects.toMatchObject({ code: 'no-such-run' })
  })

  test('a parameter that the job does not declare, too many bytes, a token that is too long', async () => {
    expect(await refused({ parameters: { other: '1' } })).toMatchObject({
      code: 'invalid-parameters',
      message: expect.stringContaining('other'),
    })
    expect(await refused({ parameters: { landfall_table: 'x'.repeat(10_000) } })).toMatchObject({
      code: 'invalid-parameters',
    })
    expect(await refused({ token: 'x'.repeat(65) })).toMatchObject({ code: 'invalid-parameters' })
  })

  test('a principal without the right', async () => {
    workspace.plan({ deny: [known] })
    expect(await refused({})).toMatchObject({ code: 'permission-denied' })
    workspace.plan({ deny: [] })
  })

  test('the token of a run that was deleted', async () => {
    const { runId } = await start(known, 'x', 'deleted')
    await ended(runId)
    await api('jobs/runs/delete', { run_id: Number(runId) })
    expect(await refused({ token: 'deleted' })).toMatchObject({ name: 'Refused' })
  })

  test('a request without a credential, or with a wrong one', async () => {
    for (const authorization of [undefined, 'Bearer nobody']) {
      const headers = authorization === undefined ? undefined : { authorization }
      const answer = await fetch(`${workspace.host}/api/2.2/jobs/list`, headers === undefined ? {} : { headers })
      expect(answer.status).toBe(401)
    }
  })
})

describe('the rest of the API, as far as it goes here', () => {
  test('a job made over HTTP is listed, run, cancelled and shown with its end', async () => {
    const file = join(folder, 'cancel.py')
    writeFileSync(file, 'import time; print("began", flush=True); time.sleep(300)')
    const task = { task_key: 'a', spark_python_task: { python_file: file } }
    const { job_id } = await api('jobs/create', { name: 'cancel', tasks: [task] })
    expect(await api('jobs/list?name=cancel')).toMatchObject({
      jobs: [{ job_id, settings: { name: 'cancel' } }],
      has_more: false,
    })
    const { run_id } = await api('jobs/run-now', { job_id })
    const queued = await api('jobs/run-now', { job_id, queue: { enabled: true } })
    expect(await api(`jobs/runs/get?run_id=${String(queued['run_id'])}`)).toMatchObject({
      state: { life_cycle_state: 'QUEUED' },
      status: { state: 'QUEUED', queue_details: { code: 'MAX_CONCURRENT_RUNS_REACHED' } },
      end_time: 0,
    })
    expect(await api(`jobs/runs/list?job_id=${String(job_id)}&active_only=true&limit=1`)).toMatchObject({
      runs: [{ run_id: queued['run_id'] }],
      has_more: true,
    })
    for (const run of [queued['run_id'], run_id]) {
      await api('jobs/runs/cancel', { run_id: run })
      expect(await ended(String(run))).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^CANCELED/) })
    }
    const shown = await api(`jobs/runs/get?run_id=${String(run_id)}`)
    expect(shown).toMatchObject({
      state: { life_cycle_state: 'TERMINATED', result_state: 'CANCELED' },
      status: { state: 'TERMINATED', termination_details: { code: 'USER_CANCELED' } },
    })
    expect(Number(shown['end_time'])).toBeGreaterThan(Number(shown['start_time']))
  })

  test('a job that could not run is not made', () => {
    const file = { python_file: '/x.py' }
    const task = (spark_python_task: object): NewJob => ({
      tasks: [{ task_key: 'a', spark_python_task } as NewJob['tasks'][number]],
    })
    const bad: NewJob[] = [
      task({ python_file: 'relative.py' }),
      task({ ...file, parameters: ['{{job.parameters.nobody}}'] }),
      { ...task(file), webhook_notifications: { on_start: [{ id: 'nobody' }] } },
      { ...task(file), max_concurrent_runs: 1001 },
      { tasks: [] },
    ]
    for (const given of bad) expect(() => workspace.createJob(given)).toThrow(expect.objectContaining({ status: 400 }))
  })

  test('what still runs ends when the workspace is stopped', async () => {
    const other = await startDatabricks({ environment: here, startup: 0, tokens: ['dapi-test'] })
    const pidFile = join(folder, 'pid')
    const file = join(folder, 'stopped.py')
    writeFileSync(file, 'import os, sys, time; open(sys.argv[1], "w").write(str(os.getpid())); time.sleep(300)')
    const id = other.createJob({
      tasks: [{ task_key: 'a', spark_python_task: { python_file: file, parameters: [pidFile] } }],
    })
    const headers = { authorization: 'Bearer dapi-test' }
    const body = JSON.stringify({ job_id: id })
    await fetch(`${other.host}/api/2.2/jobs/run-now`, { method: 'POST', headers, body })
    let pid = 0
    for (let tries = 0; tries < 200 && pid === 0; tries += 1) {
      await sleep(20)
      pid = Number(await linesOf('pid').catch(() => 0))
    }
    expect(() => process.kill(pid, 0)).not.toThrow()
    await other.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

/** A call that the port does not have: a GET where there is no body. */
async function api(path: string, body?: object): Promise<Record<string, unknown>> {
  const basic = Buffer.from(`${workspace.clientId}:${workspace.clientSecret}`).toString('base64')
  const granted = await fetch(`${workspace.host}/oidc/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=all-apis',
  })
  const { access_token } = (await granted.json()) as { access_token: string }
  const answer = await fetch(`${workspace.host}/api/2.2/${path}`, {
    headers: { authorization: `Bearer ${access_token}` },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, unknown>
}

describe('the job of the demo', () => {
  const BUCKET = 'databricks-test'
  const target = `s3://${BUCKET}/silver/uploads_clean`
  let id = 0
  beforeAll(async () => {
    await bucket.send(new CreateBucketCommand({ Bucket: BUCKET }))
    id = workspace.createJob(cleanUploads(target))
  })

  async function land(key: string, text: string): Promise<object> {
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: text }))
    return { uri: `s3://${BUCKET}/${key}`, size: text.length, partition: { dt: '2026-01-01' } }
  }
  async function run(
    after: number,
    version: number,
    files: readonly object[],
    more: Record<string, string> = {},
  ): Promise<JobRunStatus> {
    const parameters = {
      landfall_table: 'uploads',
      landfall_location: `s3://${BUCKET}/uploads`,
      landfall_format: 'json',
      landfall_after: String(after),
      landfall_version: String(version),
      landfall_files: JSON.stringify(files),
      landfall_manifest: '',
      ...more,
    }
    return ended((await client.runNow({ jobId: id, token: `clean-${(count += 1)}`, parameters })).runId)
  }
  async function table(): Promise<{ version: number; rows: Record<string, unknown>[] }> {
    const code = `
import json, os, sys
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
t = DeltaTable(sys.argv[1], storage_options={"aws_endpoint": os.environ["AWS_ENDPOINT_URL"], "allow_http": "true"})
rows = pa.table(QueryBuilder().register("t", t).execute("SELECT * FROM t").read_all()).to_pylist()
print(json.dumps({"version": t.version(), "rows": rows}, default=str))`
    const { stdout } = await promisify(execFile)(join(ROOT, '.venv/bin/python'), ['-c', code, target], { env: here })
    return JSON.parse(stdout) as { version: number; rows: Record<string, unknown>[] }
  }
  const ids = async (): Promise<number[]> => (await table()).rows.map(({ id }) => Number(id)).sort((a, b) => a - b)

  test('reads the files that it is given and no others, cleans their rows, and commits them once', async () => {
    const odd = await land(
      'uploads/dt=2026-01-01/a+b %2B é.json',
      '{"id": 1, "User Name": " ann "}\n{"id": 1, "User Name": "ann"}\n{"id": 2, "User Name": ""}\n',
    )
    await land('uploads/dt=2026-01-01/unnamed.json', '{"id": 99, "User Name": "nobody"}\n')
    expect(await run(-1, 0, [odd])).toEqual({ kind: 'succeeded' })
    const first = await table()
    expect(first.version).toBe(0)
    const source_file = `s3://${BUCKET}/uploads/dt=2026-01-01/a+b %2B é.json`
    expect(first.rows.sort((a, b) => Number(a['id']) - Number(b['id']))).toEqual([
      { id: 1, user_name: 'ann', dt: '2026-01-01', source_file },
      { id: 2, user_name: null, dt: '2026-01-01', source_file },
    ])
    expect(await run(-1, 0, [odd])).toEqual({ kind: 'succeeded' })
    expect((await table()).version).toBe(0)
  })

  test('takes a manifest, and a new column with it', async () => {
    const file = await land('uploads/dt=2026-01-02/b.json', '{"id": 3, "score": 0.5}\n')
    const manifest = JSON.stringify({ table: 'uploads', version: 1, after: 0, files: [file] })
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'manifests/1.json', Body: manifest }))
    const uri = `s3://${BUCKET}/manifests/1.json`
    expect(await run(0, 1, [], { landfall_files: '', landfall_manifest: uri })).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3])
  })

  test('a run whose end was lost, taken again with more, doubles no row', async () => {
    const [four, five] = [
      await land('uploads/four.json', '{"id": 4}\n'),
      await land('uploads/five.json', '{"id": 5}\n'),
    ]
    await run(1, 2, [four])
    expect(await run(1, 3, [four, five])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 4, 5])
  })

  test('a file that was overwritten has the rows of its new content, and a replay changes nothing', async () => {
    const four = await land('uploads/four.json', '{"id": 44}\n')
    expect(await run(3, 4, [four])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 44])
    const five = await land('uploads/five.json', '{"id": 5}\n')
    expect(await run(1, 4, [four, five])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 44])
  })

  test('a file that was deleted since is left out; one that is no JSON fails the run, by its name', async () => {
    const [gone, six] = [await land('uploads/gone.json', '{"id": 7}\n'), await land('uploads/six.json', '{"id": 6}\n')]
    await bucket.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'uploads/gone.json' }))
    expect(await run(4, 5, [gone, six])).toEqual({ kind: 'succeeded' })
    expect(await ids()).toEqual([1, 2, 3, 5, 6, 44])
    const bad = await land('uploads/bad.json', '{"id": ')
    expect(await run(5, 6, [bad])).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('uploads/bad.json'),
    })
    expect(await ids()).toEqual([1, 2, 3, 5, 6, 44])
  })
})
