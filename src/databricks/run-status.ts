import type { EpochMs } from '../core/time.ts'
import type { JobRunStatus } from './ports.ts'

/** The parts of a run (Jobs API 2.2, `jobs/runs/get`) that say its status: `status`, and the older `state`. */
export interface RunFields {
  readonly status?: {
    readonly state?: string
    readonly termination_details?: { readonly code?: string; readonly type?: string; readonly message?: string }
  }
  readonly state?: {
    readonly life_cycle_state?: string
    readonly result_state?: string
    readonly state_message?: string
  }
  /** 0 until the run has ended. */
  readonly end_time?: EpochMs
}

type Verdict = JobRunStatus['kind']

/** The run never started: the job, its queue or the workspace was full. */
const FULL = new Set([
  'MAX_CONCURRENT_RUNS_EXCEEDED',
  'MAX_JOB_QUEUE_SIZE_EXCEEDED',
  'WORKSPACE_RUN_LIMIT_EXCEEDED',
  'MAXIMUM_CONCURRENT_RUNS_REACHED',
])
/** `SUCCESS_WITH_FAILURES`: a task failed, and the job is set up to tolerate that. Databricks notifies success. */
const GOOD = new Set(['SUCCESS', 'SUCCESS_WITH_FAILURES'])
const ENDED = new Set(['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR'])
const LIVE = new Set(['BLOCKED', 'PENDING', 'QUEUED', 'RUNNING', 'TERMINATING', 'WAITING', 'WAITING_FOR_RETRY'])
const LONGEST_MESSAGE = 500

/**
 * The status of a run from both fields. It has succeeded only if neither field contradicts that, and it has ended only if
 * neither says that it is still going. For unknown states, `end_time` decides.
 */
export function runStatus(run: RunFields): JobRunStatus {
  const verdicts = [newVerdict(run), oldVerdict(run)].filter((verdict) => verdict !== undefined)
  const kind = worst(verdicts) ?? (hasEnded(run) ? 'failed' : 'running')
  return kind === 'running' || kind === 'succeeded' ? { kind } : { kind, reason: reasonOf(run) }
}

const ORDER: readonly Verdict[] = ['running', 'failed', 'skipped', 'succeeded']

function worst(verdicts: readonly Verdict[]): Verdict | undefined {
  return ORDER.find((verdict) => verdicts.includes(verdict))
}

/** SKIPPED says only that nothing ran; the result state, if there is one, says why. */
function newVerdict({ status }: RunFields): Verdict | undefined {
  const state = status?.state
  if (state === undefined) return undefined
  if (LIVE.has(state)) return 'running'
  const code = status?.termination_details?.code
  return code === undefined || code === 'SKIPPED' ? undefined : ofResult(code)
}

function oldVerdict({ state }: RunFields): Verdict | undefined {
  const { life_cycle_state: cycle, result_state: result } = state ?? {}
  if (cycle !== undefined && LIVE.has(cycle)) return 'running'
  if (cycle === 'INTERNAL_ERROR') return 'failed'
  if (result !== undefined) return ofResult(result)
  // "Aborted because a previous run of the same job was already active": what SKIPPED meant before there were results.
  return cycle === 'SKIPPED' ? 'skipped' : undefined
}

function ofResult(code: string): Verdict {
  if (GOOD.has(code)) return 'succeeded'
  return FULL.has(code) ? 'skipped' : 'failed'
}

function hasEnded({ status, state, end_time = 0 }: RunFields): boolean {
  return end_time > 0 || ENDED.has(status?.state ?? '') || ENDED.has(state?.life_cycle_state ?? '')
}

function reasonOf({ status, state }: RunFields): string {
  const details = status?.termination_details
  const code = state?.result_state ?? details?.code ?? state?.life_cycle_state ?? status?.state ?? 'ended'
  const cause = details?.code !== undefined && details.code !== code ? ` (${details.code})` : ''
  const message = (details?.message ?? '') || (state?.state_message ?? '')
  return `${code}${cause}${message === '' ? '' : `: ${message.slice(0, LONGEST_MESSAGE)}`}`
}
