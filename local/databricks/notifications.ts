import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/core/time.ts'
import type { NewDestination } from './requests.ts'

export type JobEvent = 'on_start' | 'on_success' | 'on_failure'

/** The body (docs.databricks.com, "Add notifications on a job"). Ids are strings, and it has no details of how the run ended. */
export interface Notification {
  readonly event_type: `jobs.${JobEvent}`
  readonly workspace_id: string
  readonly run: { readonly run_id: string }
  readonly job: { readonly job_id: string; readonly name: string }
}

const RETRY_AFTER: readonly Milliseconds[] = [200, 1000, 3000]
const TIMEOUT: Milliseconds = 10_000

/** Sends to a generic webhook, with Basic auth if it has a user. It is lost after a few retries. */
export async function sendNotification(
  destination: NewDestination,
  notification: Notification,
  signal: AbortSignal,
): Promise<'sent' | 'lost'> {
  const { url, username, password = '' } = destination.config.generic_webhook
  const headers = {
    'content-type': 'application/json',
    ...(username !== undefined && {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    }),
  }
  for (const wait of [...RETRY_AFTER, undefined]) {
    const request = { method: 'POST', headers, body: JSON.stringify(notification) }
    const answer = await fetch(url, {
      ...request,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return 'sent'
    if (wait === undefined || signal.aborted) break
    await sleep(wait, undefined, { signal }).catch(() => undefined)
  }
  return 'lost'
}
