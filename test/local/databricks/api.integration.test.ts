import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { NewJob } from '../../../local/databricks/requests.ts'
import { startDatabricks } from '../../../local/databricks/server.ts'
import { startWorkspaceWorld, type WorkspaceWorld } from '../../databricks/world.ts'

let world: WorkspaceWorld
beforeAll(async () => {
  world = await startWorkspaceWorld('api')
})
afterAll(() => world.stop())

describe('the API of the local workspace', () => {
  test('creates, lists, runs and cancels a job over HTTP', async () => {
    const file = join(world.folder, 'cancel.py')
    writeFileSync(file, 'import time; print("began", flush=True); time.sleep(300)')
    const task = { task_key: 'a', spark_python_task: { python_file: file } }
    const { job_id } = await world.api('jobs/create', { name: 'cancel', tasks: [task] })
    expect(await world.api('jobs/list?name=cancel')).toMatchObject({
      jobs: [{ job_id, settings: { name: 'cancel' } }],
      has_more: false,
    })
    const { run_id } = await world.api('jobs/run-now', { job_id })
    const queued = await world.api('jobs/run-now', { job_id, queue: { enabled: true } })
    expect(await world.api(`jobs/runs/get?run_id=${String(queued['run_id'])}`)).toMatchObject({
      state: { life_cycle_state: 'QUEUED' },
      status: { state: 'QUEUED', queue_details: { code: 'MAX_CONCURRENT_RUNS_REACHED' } },
      end_time: 0,
    })
    expect(await world.api(`jobs/runs/list?job_id=${String(job_id)}&active_only=true&limit=1`)).toMatchObject({
      runs: [{ run_id: queued['run_id'] }],
      has_more: true,
    })
    for (const run of [queued['run_id'], run_id]) {
      await world.api('jobs/runs/cancel', { run_id: run })
      expect(await world.ended(String(run))).toMatchObject({
        kind: 'failed',
        reason: expect.stringMatching(/^CANCELED/),
      })
    }
    const shown = await world.api(`jobs/runs/get?run_id=${String(run_id)}`)
    expect(shown).toMatchObject({
      state: { life_cycle_state: 'TERMINATED', result_state: 'CANCELED' },
      status: { state: 'TERMINATED', termination_details: { code: 'USER_CANCELED' } },
    })
    expect(Number(shown['end_time'])).toBeGreaterThan(Number(shown['start_time']))
  })

  test('rejects a job that could not run', () => {
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
    for (const given of bad)
      expect(() => world.workspace.createJob(given)).toThrow(expect.objectContaining({ status: 400 }))
  })

  test('ends its runs when it is stopped', async () => {
    const other = await startDatabricks({ environment: { ...process.env }, startup: 0, tokens: ['dapi-test'] })
    const pidFile = join(world.folder, 'pid')
    const file = join(world.folder, 'stopped.py')
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
      pid = Number(await world.linesOf('pid').catch(() => 0))
    }
    expect(() => process.kill(pid, 0)).not.toThrow()
    await other.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
