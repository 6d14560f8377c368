import { ApiError, invalid } from './errors.ts'
import type { Notification } from './notifications.ts'
import { type ModelRegistry, unityRegistry, workspaceRegistry } from './registry.ts'
import {
  jobSettings,
  type NewDestination,
  type NewJob,
  parametersOf,
  parse,
  references,
  resolve,
  type RunNowRequest,
} from './requests.ts'
import type { Run } from './run.ts'
import { type Job, Runner, type RunnerOptions } from './runner.ts'

export interface WorkspaceOptions extends Omit<RunnerOptions, 'notify'> {
  /** Unfinished runs of the workspace; beyond it a run cannot start (429). */
  readonly maxRuns: number
  /** Where Unity Catalog keeps models: `s3://bucket/prefix`. */
  readonly unityStorage: string
  notify(destination: NewDestination, notification: Notification): void
}

/** Ids look like those of Databricks: far beyond 32 bits. */
const FIRST_JOB = 611_000_000_000_000
const FIRST_RUN = 274_000_000_000_000

/** The jobs, runs and notification destinations of a workspace, in memory. */
export class WorkspaceCore {
  readonly jobs = new Map<number, Job>()
  /** The workspace's own registry. */
  readonly models: ModelRegistry = workspaceRegistry()
  /** Unity Catalog's. */
  readonly unity: ModelRegistry
  /** Jobs that the principal may not run. */
  denied: readonly number[] = []
  readonly #destinations = new Map<string, NewDestination>()
  /** Run ids by job and token. A deleted run's token stays used. */
  readonly #tokens = new Map<string, number>()
  readonly #runner: Runner
  readonly #options: WorkspaceOptions
  #started = 0

  constructor(options: WorkspaceOptions) {
    this.#options = options
    this.unity = unityRegistry(options.unityStorage)
    this.#runner = new Runner({
      ...options,
      notify: (id, notification) => {
        const destination = this.#destinations.get(id)
        if (destination !== undefined) options.notify(destination, notification)
      },
    })
  }

  get runs(): readonly Run[] {
    return [...this.#runner.runs.values()]
  }

  /** @throws {ApiError} INVALID_PARAMETER_VALUE if there is none, as Databricks does */
  job(id: number): Job {
    const found = this.jobs.get(id)
    if (found === undefined) throw invalid(`Job ${id} does not exist.`)
    return found
  }

  /** @throws {ApiError} INVALID_PARAMETER_VALUE if there is none */
  run(id: number): Run {
    const found = this.#runner.runs.get(id)
    if (found === undefined) throw invalid(`Run ${id} does not exist.`)
    return found
  }

  createDestination(destination: NewDestination): string {
    const id = `destination-${this.#destinations.size + 1}`
    this.#destinations.set(id, destination)
    return id
  }

  /** @param id Databricks always chooses it; here it can be the one that lake.yml names */
  createJob(given: NewJob, id = FIRST_JOB + this.jobs.size * 7919): number {
    const settings = parse(jobSettings, given)
    if (this.jobs.has(id)) throw invalid(`Job ${id} exists already.`)
    const recipients = Object.values(settings.webhook_notifications).flatMap((list) => list ?? [])
    const missing = recipients.find((recipient) => !this.#destinations.has(recipient.id))
    if (missing !== undefined) throw invalid(`Notification destination ${missing.id} does not exist.`)
    const values = references({ jobId: id, runId: 0 }, parametersOf(settings, {}))
    for (const text of settings.tasks.flatMap((task) => task.spark_python_task.parameters)) resolve(text, values)
    this.jobs.set(id, { id, created: this.#options.now(), settings })
    return id
  }

  /** The same token answers the same run, and the rest of the request is ignored. */
  runNow(request: RunNowRequest): Run {
    const job = this.job(request.job_id)
    if (this.denied.includes(job.id))
      throw new ApiError(403, 'PERMISSION_DENIED', `User does not have Manage Run permissions on job ${job.id}.`)
    const key = `${job.id} ${request.idempotency_token}`
    const spent = request.idempotency_token === undefined ? undefined : this.#tokens.get(key)
    if (spent !== undefined) return this.#ofToken(spent)
    const parameters = parametersOf(job.settings, request.job_parameters)
    if (this.runs.filter(({ phase }) => phase !== 'ENDED').length >= this.#options.maxRuns)
      throw new ApiError(429, 'REQUEST_LIMIT_EXCEEDED', 'The workspace has too many runs.', 1)
    const run = this.#newRun(job, parameters)
    if (request.idempotency_token !== undefined) this.#tokens.set(key, run.id)
    this.#runner.take(run, job, request.queue?.enabled ?? job.settings.queue?.enabled ?? false)
    return run
  }

  cancel(id: number): void {
    const run = this.run(id)
    this.#runner.cancel(run, this.job(run.jobId))
  }

  deleteRun(id: number): void {
    if (this.run(id).phase !== 'ENDED')
      throw new ApiError(400, 'INVALID_STATE', `Run ${id} is active; cancel it first.`)
    this.#runner.runs.delete(id)
  }

  /** Kills all runs. */
  close(): Promise<void> {
    return this.#runner.close()
  }

  #ofToken(runId: number): Run {
    const run = this.#runner.runs.get(runId)
    if (run === undefined)
      throw new ApiError(400, 'INVALID_STATE', `The run of this idempotency token, ${runId}, is deleted.`)
    return run
  }

  #newRun({ id: jobId, settings }: Job, parameters: Readonly<Record<string, string>>): Run {
    this.#started += 1
    return {
      id: FIRST_RUN + this.#started * 104_729,
      jobId,
      number: this.#started,
      jobName: settings.name,
      taskKey: settings.tasks[0]?.task_key ?? '',
      parameters,
      created: this.#options.now(),
      stop: new AbortController(),
      phase: 'QUEUED',
      output: { stdout: '', stderr: '' },
      done: Promise.resolve(),
    }
  }
}
