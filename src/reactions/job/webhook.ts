import { jobNotifications } from '../../intake/webhook/job-notifications.ts'
import type { ReactionWebhooks, Sources, WakeRequest } from '../../intake/webhook/ports.ts'
import type { Lake } from '../../lake/lake.ts'
import { tableSubject } from '../../lake/subjects.ts'

/** Where Databricks' job notifications are delivered. */
const JOBS_PATH = '/databricks/jobs'

/** The end of a job run wakes the tables that start this job. */
export const jobWebhooks: ReactionWebhooks = {
  reaction: 'job',
  remembered: false,
  secrets: ({ databricks }) => (databricks === undefined ? [] : [databricks.secret]),
  sources({ databricks, tables }, secrets): Sources {
    if (databricks === undefined) return {}
    const matches = secrets.credentials(databricks.secret)
    return { [JOBS_PATH]: jobNotifications((jobId) => tablesStarting(jobId, tables), matches) }
  },
}

function tablesStarting(jobId: string, tables: Lake['tables']): WakeRequest[] {
  return Object.values(tables)
    .filter(({ job }) => job !== undefined && String(job.id) === jobId)
    .map(({ name }) => ({ reaction: 'job', wake: { subject: tableSubject(name) } }))
}
