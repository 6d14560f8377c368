import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs, Milliseconds } from '../../src/core/time.ts'
import type { PythonResult } from './python.ts'

/** How a run ended, in terms of both the older `state` and `status` (Jobs API 2.2). */
export interface Ending {
  readonly cycle: 'TERMINATED' | 'SKIPPED' | 'INTERNAL_ERROR'
  readonly result: 'SUCCESS' | 'FAILED' | 'TIMEDOUT' | 'CANCELED' | 'MAXIMUM_CONCURRENT_RUNS_REACHED'
  readonly code: string
  readonly type: 'SUCCESS' | 'CLIENT_ERROR' | 'INTERNAL_ERROR'
  readonly message: string
}

type Phase = 'QUEUED' | 'PENDING' | 'RUNNING' | 'TERMINATING' | 'ENDED'

/** A run, from the request to its end. */
export interface Run {
  readonly id: number
  readonly jobId: number
  readonly number: number
  readonly jobName: string
  readonly taskKey: string
  readonly parameters: Readonly<Record<string, string>>
  readonly created: EpochMs
  readonly stop: AbortController
  phase: Phase
  began?: EpochMs
  running?: EpochMs
  ended?: EpochMs
  ending?: Ending
  output: { readonly stdout: string; readonly stderr: string }
  /** Resolves once it and its process have ended. */
  done: Promise<void>
}

export const SKIPPED: Ending = {
  cycle: 'SKIPPED',
  result: 'MAXIMUM_CONCURRENT_RUNS_REACHED',
  code: 'MAX_CONCURRENT_RUNS_EXCEEDED',
  type: 'CLIENT_ERROR',
  message: 'The run was skipped because the maximum number of concurrent runs of the job was reached.',
}

export const CANCELED: Ending = {
  cycle: 'TERMINATED',
  result: 'CANCELED',
  code: 'USER_CANCELED',
  type: 'CLIENT_ERROR',
  message: 'The run was canceled by a user.',
}

export const TIMED_OUT: Ending = {
  cycle: 'TERMINATED',
  result: 'TIMEDOUT',
  code: 'CANCELED',
  type: 'CLIENT_ERROR',
  message: 'The run was canceled because it ran for longer than its timeout.',
}

/** How a run ended, by its process; `undefined` if that was killed. */
export function endingOf(taskKey: string, executed: PythonResult): Ending | undefined {
  if (executed.kind === 'aborted') return undefined
  if (executed.kind === 'not-started') return notStarted(executed.reason)
  if (executed.code === 0)
    return { cycle: 'TERMINATED', result: 'SUCCESS', code: 'SUCCESS', type: 'SUCCESS', message: '' }
  const last = executed.stderr.trim().split('\n').at(-1) ?? ''
  return {
    cycle: 'TERMINATED',
    result: 'FAILED',
    code: 'RUN_EXECUTION_ERROR',
    type: 'CLIENT_ERROR',
    message: `Task ${taskKey} failed with message: exit code ${executed.code}${last === '' ? '' : `: ${last}`}`,
  }
}

function notStarted(reason: string): Ending {
  return {
    cycle: 'INTERNAL_ERROR',
    result: 'FAILED',
    code: 'RESOURCE_NOT_FOUND',
    type: 'CLIENT_ERROR',
    message: reason,
  }
}

export function internalError(message: string): Ending {
  return { cycle: 'INTERNAL_ERROR', result: 'FAILED', code: 'INTERNAL_ERROR', type: 'INTERNAL_ERROR', message }
}

/** The time that a cluster takes to start. Ends early when the run is stopped. */
export async function startUp(run: Run, ms: Milliseconds): Promise<void> {
  await sleep(ms, undefined, { signal: run.stop.signal }).catch(() => undefined)
}

/** As `jobs/runs/get` answers it. */
export function viewRun(run: Run, workspaceUrl: string): object {
  const { began = run.created, running, ended } = run
  return {
    job_id: run.jobId,
    run_id: run.id,
    job_run_id: run.id,
    number_in_job: run.number,
    original_attempt_run_id: run.id,
    run_name: run.jobName,
    run_type: 'JOB_RUN',
    run_page_url: `${workspaceUrl}/jobs/${run.jobId}/runs/${run.id}`,
    trigger: 'ONE_TIME',
    job_parameters: Object.entries(run.parameters).map(([name, value]) => ({ name, value })),
    state: stateOf(run),
    status: statusOf(run),
    start_time: began,
    end_time: ended ?? 0,
    queue_duration: began - run.created,
    setup_duration: running === undefined ? 0 : running - began,
    execution_duration: running === undefined || ended === undefined ? 0 : ended - running,
    cleanup_duration: 0,
    run_duration: ended === undefined ? 0 : ended - began,
    tasks: [{ task_key: run.taskKey, run_id: run.id + 1, state: stateOf(run), status: statusOf(run) }],
  }
}

function stateOf({ phase, ending }: Run): object {
  if (ending !== undefined && phase === 'ENDED')
    return { life_cycle_state: ending.cycle, result_state: ending.result, state_message: ending.message }
  return { life_cycle_state: phase, state_message: '', user_cancelled_or_timedout: false }
}

function statusOf({ phase, ending }: Run): object {
  if (ending !== undefined && phase === 'ENDED')
    return {
      state: 'TERMINATED',
      termination_details: { code: ending.code, type: ending.type, message: ending.message },
    }
  if (phase !== 'QUEUED') return { state: phase }
  const message = 'Queued due to reaching the maximum number of concurrent runs.'
  return { state: phase, queue_details: { code: 'MAX_CONCURRENT_RUNS_REACHED', message } }
}
