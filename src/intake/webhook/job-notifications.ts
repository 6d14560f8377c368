import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import { reasonOf } from '../../core/schema-error.ts'
import { basicCredentials } from '../../http/basic-auth.ts'
import type { Source, WakeRequest } from './ports.ts'

/** Ids come as text or as numbers, by the version of Databricks. */
export const jobNotification = z.looseObject({
  event_type: z.string(),
  job: z.looseObject({ job_id: z.union([z.string(), z.number()]) }),
})

/**
 * Databricks' job notifications. A generic webhook destination signs nothing and supports only HTTP Basic. A notification is
 * only a hint that a run changed: the reaction asks Databricks for its status.
 *
 * @param wakes what the end of a run of this job wakes
 * @param matches compares `user:password` with the secret, in constant time
 */
export function jobNotifications(
  wakes: (jobId: string) => readonly WakeRequest[],
  matches: (credentials: Uint8Array) => Promise<boolean>,
): Source {
  return {
    async verify({ headers }) {
      const given = basicCredentials(headers['authorization'] ?? '')
      return given !== undefined && (await matches(given)) ? 'genuine' : 'forged'
    },
    read(body) {
      const { success, data, error } = jobNotification.safeParse(body)
      if (!success) throw new Refused('not-a-notification', `not a job notification: ${reasonOf(error)}`)
      return { wakes: wakes(String(data.job.job_id)) }
    },
  }
}
