/**
 * What the job reaction needs of a Databricks workspace (Jobs API 2.2). The adapter over `fetch` is in
 * `src/databricks/client.ts`; `local/databricks/` is a workspace on this machine that really runs the jobs.
 */
export interface Databricks {
  /**
   * Starts a run, queued when the job is busy. The same token answers the same run, and starts nothing twice.
   *
   * @throws {Refused} for what no retry can mend: no such job, no right to run it, parameters that it does not take.
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

export interface JobRun {
  readonly runId: string
}

export type JobRunStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  /** It never ran, for the job was busy and did not queue: to be sent again under another token. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
