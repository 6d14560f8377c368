/**
 * A Databricks workspace, as the job reaction uses it (Jobs API 2.2). The adapter over `fetch` is in
 * `src/databricks/client.ts`; `local/databricks/` is a workspace on this machine that really runs the jobs.
 */
export interface Databricks {
  /**
   * Starts a run, which is queued if the job is busy. A repeated token returns the first run and starts nothing.
   *
   * @throws {Refused} if a retry cannot help: no such job, no permission to run it, parameters that it does not declare.
   */
  runNow(start: RunNow): Promise<JobRun>
  /** @throws {Refused} `no-such-run`. */
  run(runId: string): Promise<JobRunStatus>
}

export interface RunNow {
  readonly jobId: number
  /** At most 64 characters. */
  readonly token: string
  /** At most 10,000 bytes as JSON. */
  readonly parameters: Readonly<Record<string, string>>
}

interface JobRun {
  readonly runId: string
}

export type JobRunStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  /** It never ran, since the job was busy and does not queue: start it again with another token. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
