import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { APPEND, startWorkspaceWorld, type WorkspaceWorld } from './world.ts'

let world: WorkspaceWorld
beforeAll(async () => {
  world = await startWorkspaceWorld('runs')
})
afterAll(() => world.stop())

const WAIT = `
import os, sys, time
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
`
const release = (name: string): void => writeFileSync(join(world.folder, name), '')

test('a run really executes, with the exact parameters', async () => {
  const table = `up'loads "x" $(id) {{job.id}} ü\n`.trim()
  const { runId } = await world.start(world.job('append', APPEND), table)
  expect(await world.ended(runId)).toEqual({ kind: 'succeeded' })
  expect(await world.linesOf('append')).toEqual([table])
})

test('a failed job has the end of its error output as reason', async () => {
  const { runId } = await world.start(world.job('fails', 'raise ValueError("no such column: dt")'))
  const status = await world.ended(runId)
  expect(status).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ValueError: no such column: dt') })
  expect(status).toMatchObject({ reason: expect.stringMatching(/^FAILED \(RUN_EXECUTION_ERROR\)/) })
  const missing = world.workspace.createJob({
    tasks: [{ task_key: 'm', spark_python_task: { python_file: '/nowhere.py' } }],
  })
  const other = await world.client.runNow({ jobId: missing, token: 'm', parameters: {} })
  expect(await world.ended(other.runId)).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('/nowhere.py'),
  })
})

test('a token starts one run, even if it is sent repeatedly and concurrently', async () => {
  const id = world.job('once', APPEND)
  const runs = await Promise.all(Array.from({ length: 8 }, () => world.start(id, 'uploads', 'same')))
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
  await world.ended(runs[0]?.runId ?? '')
  expect(await world.start(id, 'uploads', 'same')).toEqual(runs[0])
  expect(await world.linesOf('once')).toEqual(['uploads'])
})

test('a busy job queues runs and executes them in order', async () => {
  const id = world.job('queue', `${WAIT}\nwith open(sys.argv[2] + ".log", "a") as out: out.write(sys.argv[1] + "\\n")`)
  const runs = [await world.start(id, 'first'), await world.start(id, 'second'), await world.start(id, 'third')]
  await sleep(200)
  expect(await Promise.all(runs.map(({ runId }) => world.client.run(runId)))).toEqual(
    runs.map(() => ({ kind: 'running' })),
  )
  release('queue')
  for (const { runId } of runs) expect(await world.ended(runId)).toEqual({ kind: 'succeeded' })
  expect(await world.linesOf('queue.log')).toEqual(['first', 'second', 'third'])
})

test('a run that was skipped because the job was busy is not reported as failed', async () => {
  const id = world.job('skip', WAIT)
  const busy = await world.start(id)
  const skipped = await world.api('jobs/run-now', { job_id: id, idempotency_token: 'skip-me' })
  const status = await world.client.run(String(skipped['run_id']))
  expect(status).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('MAXIMUM_CONCURRENT_RUNS_REACHED') })
  expect(await world.start(id, 'uploads', 'skip-me')).toEqual({ runId: String(skipped['run_id']) })
  release('skip')
  await world.ended(busy.runId)
})

test('a run that exceeds its timeout is killed, with its child processes', async () => {
  const code = `
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "300"])
open(sys.argv[2], "w").write(str(child.pid))
time.sleep(300)`
  const { runId } = await world.start(world.job('slow', code, { timeout_seconds: 1 }))
  expect(await world.ended(runId)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('TIMEDOUT') })
  const [pid] = await world.linesOf('slow')
  await sleep(50)
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  expect(stdout.trim()).toMatch(/^(Z.*)?$/)
})
