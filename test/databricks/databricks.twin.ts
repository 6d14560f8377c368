import type { Databricks, JobRunStatus, RunNow } from '../../src/databricks/ports.ts'
import { Refused } from '../../src/core/refused.ts'

/** A workspace in memory that respects idempotency tokens. Runs continue until a test ends them. */
export function databricksTwin(): Databricks & { readonly started: RunNow[]; end(status: JobRunStatus): void } {
  const started: RunNow[] = []
  const statuses: JobRunStatus[] = []
  return {
    started,
    async runNow(start) {
      if (start.token.length > 64) throw new Refused('bad-token', `the token has ${start.token.length} characters`)
      if (JSON.stringify(start.parameters).length > 10_000)
        throw new Refused('too-large', 'the parameters are too large')
      const known = started.findIndex(({ token }) => token === start.token)
      if (known >= 0) return { runId: String(known) }
      statuses.push({ kind: 'running' })
      return { runId: String(started.push(start) - 1) }
    },
    async run(runId) {
      const status = statuses[Number(runId)]
      if (status === undefined) throw new Refused('no-such-run', `there is no run ${runId}`)
      return status
    },
    end(status) {
      for (const [i, each] of statuses.entries()) if (each.kind === 'running') statuses[i] = status
    },
  }
}
