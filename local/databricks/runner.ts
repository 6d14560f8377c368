import type { EpochMs, Milliseconds } from '../../src/core/time.ts'
import type { JobEvent, Notification } from './notifications.ts'
import type { PythonResult, PythonRun } from './python.ts'
import { type ApiJobSettings, references, resolve } from './requests.ts'
import { CANCELED, type Ending, endingOf, internalError, type Run, SKIPPED, startUp, TIMED_OUT } from './run.ts'

export interface RunnerOptions {
  readonly now: () => EpochMs
  /** From PENDING to RUNNING. */
  readonly startup: Milliseconds
  execute(run: PythonRun, signal: AbortSignal): Promise<PythonResult>
  /** @param destination its id */
  notify(destination: string, notification: Notification): void
}

export interface Job {
  readonly id: number
  readonly created: EpochMs
  readonly settings: ApiJobSettings
}

/** Runs that one job's queue holds. */
const QUEUE_LIMIT = 1000
const WORKSPACE_ID = '1071318281234567'

/** Queues, skips, really executes and stops runs. */
export class Runner {
  readonly runs = new Map<number, Run>()
  readonly #options: RunnerOptions
  #closed = false

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Starts, queues or skips a new run. */
  take(run: Run, job: Job, queueing: boolean): void {
    this.runs.set(run.id, run)
    if (this.#of(job.id, 'PENDING', 'RUNNING', 'TERMINATING') < job.settings.max_concurrent_runs) {
      this.#start(run, job)
    } else if (!queueing) {
      this.#end(run, job, SKIPPED)
    } else if (this.#of(job.id, 'QUEUED') > QUEUE_LIMIT) {
      this.#end(run, job, { ...SKIPPED, code: 'MAX_JOB_QUEUE_SIZE_EXCEEDED', message: 'The queue of the job is full.' })
    }
  }

  /** Makes a run end soon. One that has ended is not changed. */
  cancel(run: Run, job: Job): void {
    if (run.phase === 'QUEUED') this.#end(run, job, CANCELED)
    if (run.phase === 'ENDED') return
    run.phase = 'TERMINATING'
    run.stop.abort(CANCELED)
  }

  /** Kills all runs and starts no more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { stop } of this.runs.values()) stop.abort(CANCELED)
    await Promise.all([...this.runs.values()].map(({ done }) => done))
  }

  #of(jobId: number, ...phases: readonly Run['phase'][]): number {
    return [...this.runs.values()].filter((run) => run.jobId === jobId && phases.includes(run.phase)).length
  }

  #start(run: Run, job: Job): void {
    run.phase = 'PENDING'
    run.began = this.#options.now()
    run.done = this.#live(run, job)
  }

  async #live(run: Run, job: Job): Promise<void> {
    let ending: Ending
    try {
      ending = await this.#carryOut(run, job)
    } catch (error) {
      ending = internalError(String(error))
    }
    this.#end(run, job, ending)
    const next = [...this.runs.values()].find(({ jobId, phase }) => jobId === job.id && phase === 'QUEUED')
    if (next !== undefined && !this.#closed) this.#start(next, job)
  }

  async #carryOut(run: Run, job: Job): Promise<Ending> {
    const { signal } = run.stop
    await startUp(run, this.#options.startup)
    if (signal.aborted) return signal.reason as Ending
    run.phase = 'RUNNING'
    run.running = this.#options.now()
    this.#notify('on_start', run, job)
    const task = job.settings.tasks[0]
    if (task === undefined) throw new Error(`job ${job.id} has no task`)
    const values = references({ jobId: job.id, runId: run.id }, run.parameters)
    const { python_file: file, parameters } = task.spark_python_task
    const args = parameters.map((text) => resolve(text, values))
    const limit = job.settings.timeout_seconds || task.timeout_seconds
    const timer = limit > 0 ? setTimeout(() => run.stop.abort(TIMED_OUT), limit * 1000) : undefined
    try {
      const executed = await this.#options.execute({ file, args }, signal)
      if (executed.kind === 'exited') run.output = executed
      return endingOf(task.task_key, executed) ?? (signal.reason as Ending)
    } finally {
      clearTimeout(timer)
    }
  }

  #end(run: Run, job: Job, ending: Ending): void {
    run.phase = 'ENDED'
    run.ending = ending
    run.ended = this.#options.now()
    const { no_alert_for_skipped_runs, no_alert_for_canceled_runs } = job.settings.notification_settings
    const muted =
      (no_alert_for_skipped_runs && ending.cycle === 'SKIPPED') ||
      (no_alert_for_canceled_runs && ending.result === 'CANCELED')
    if (!muted) this.#notify(ending.result === 'SUCCESS' ? 'on_success' : 'on_failure', run, job)
  }

  #notify(event: JobEvent, run: Run, { id, settings }: Job): void {
    if (this.#closed) return
    for (const recipient of settings.webhook_notifications[event] ?? [])
      this.#options.notify(recipient.id, {
        event_type: `jobs.${event}`,
        workspace_id: WORKSPACE_ID,
        run: { run_id: String(run.id) },
        job: { job_id: String(id), name: settings.name },
      })
  }
}
