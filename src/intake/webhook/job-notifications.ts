import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import type { Table } from '../../lake/lake.ts'
import type { Source } from './receive.ts'
import { reasonOf } from '../../core/schema-error.ts'

/** Ids come as text or as numbers, by the version of Databricks. */
export const jobNotification = z.looseObject({
  event_type: z.string(),
  job: z.looseObject({ job_id: z.union([z.string(), z.number()]) }),
})

/**
 * Databricks' job notifications: a generic webhook destination, which signs nothing and knows HTTP Basic alone. They say
 * that something became of a run, not what: the reaction asks Databricks.
 *
 * `matches` compares what was sent with the secret, in constant time.
 */
export function jobNotifications(
  tables: Readonly<Record<string, Table>>,
  matches: (authorization: string) => Promise<boolean>,
): Source {
  return {
    bodyLimit: 64 * 1024,
    verify: async ({ headers }) => ((await matches(headers['authorization'] ?? '')) ? 'genuine' : 'forged'),
    read(body) {
      const { success, data, error } = jobNotification.safeParse(body)
      if (!success) throw new Refused('not-a-notification', `no job notification: ${reasonOf(error)}`)
      const jobId = String(data.job.job_id)
      const started = Object.values(tables).filter(({ job }) => job !== undefined && String(job.id) === jobId)
      return { wakes: started.map(({ name }) => ({ reaction: 'job', wake: { subject: `table/${name}` } })) }
    },
  }
}
