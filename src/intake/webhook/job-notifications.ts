import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import { reasonOf } from '../../core/schema-error.ts'
import type { Source, WakeRequest } from './ports.ts'

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
  wakes: (jobId: string) => readonly WakeRequest[],
  matches: (authorization: string) => Promise<boolean>,
): Source {
  return {
    bodyLimit: 64 * 1024,
    verify: async ({ headers }) => ((await matches(headers['authorization'] ?? '')) ? 'genuine' : 'forged'),
    read(body) {
      const { success, data, error } = jobNotification.safeParse(body)
      if (!success) throw new Refused('not-a-notification', `no job notification: ${reasonOf(error)}`)
      return { wakes: wakes(String(data.job.job_id)) }
    },
  }
}
