import { setTimeout as sleep } from 'node:timers/promises'
import type { NewDestination } from './requests.ts'

export type JobEvent = 'on_start' | 'on_success' | 'on_failure'

/** What is sent (docs.databricks.com, "Add notifications on a job"): ids are text, nothing says how the run ended in detail. */
export interface Notification {
  readonly event_type: `jobs.${JobEvent}`
  readonly workspace_id: string
  readonly run: { readonly run_id: string }
  readonly job: { readonly job_id: string; readonly name: string }
}

const WAITS = [200, 1000, 3000]
const TIMEOUT = 10_000

/** Sends to a generic webhook, with Basic auth where it has a user; a few times, and then never again. */
export async function sendNotification(
  destination: NewDestination,
  notification: Notification,
  signal: AbortSignal,
): Promise<'sent' | 'lost'> {
  const { url, username, password = '' } = destination.config.generic_webhook
  const headers = {
    'content-type': 'application/json',
    ...(username === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }),
  }
  for (const wait of [...WAITS, undefined]) {
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
