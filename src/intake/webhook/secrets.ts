import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import { secretJson, type Secrets } from '../../core/secrets.ts'
import type { EpochMs, Milliseconds } from '../../core/time.ts'
import type { WebhookSecrets } from './ports.ts'
import { equalSecrets } from '../../http/basic-auth.ts'

/** In a registry's secret: what its webhooks sign with. Two values during a rotation. */
const text = z.string().check(z.minLength(1))
const signingSchema = z.looseObject({ webhook: z.union([text, z.array(text).check(z.minLength(1), z.maxLength(2))]) })

/** In the Databricks secret: user name and password of the destination of job notifications. */
const notificationsSchema = z.looseObject({ notifications: z.object({ username: z.string(), password: z.string() }) })

/** How long a secret that was removed may still work. */
const MAX_AGE: Milliseconds = 60_000
/** After a delivery that does not match, a secret is read again only if it is older than this… */
const MIN_AGE: Milliseconds = 3_000
/** … and the last such read was longer ago than this. */
const REREAD_INTERVAL: Milliseconds = 10_000
/** After a failed read, no other is made for this long. */
const FAILURE_PAUSE: Milliseconds = 1_000

export function webhookSecrets(secrets: Secrets, now: () => EpochMs): WebhookSecrets {
  return {
    signing: (id) => rotating(async () => webhookOf(id, await secrets.read(id)), now),
    credentials(id) {
      const matches = rotating(async () => notificationsOf(id, await secrets.read(id)), now)
      return (given) => matches(({ username, password }) => equalSecrets(given, `${username}:${password}`))
    },
  }
}

/**
 * Tests `holds` with a cached value, and with a newly read one if that fails, so that a rotation takes effect at once. Such
 * reads are limited, so that a flood of forgeries does not become a flood of calls to Secrets Manager.
 */
function rotating<T>(read: () => Promise<T>, now: () => EpochMs): (holds: (value: T) => boolean) => Promise<boolean> {
  let kept: { readonly value: T; readonly at: EpochMs } | undefined
  let failed: { readonly error: unknown; readonly at: EpochMs } | undefined
  let reread = Number.NEGATIVE_INFINITY
  const fresh = async (): Promise<T> => {
    if (failed !== undefined && now() - failed.at < FAILURE_PAUSE) throw failed.error
    const at = now()
    try {
      const value = await read()
      kept = { value, at }
      return value
    } catch (error) {
      failed = { error, at }
      throw error
    }
  }
  return async (holds) => {
    if (holds(kept !== undefined && now() - kept.at < MAX_AGE ? kept.value : await fresh())) return true
    const { at } = kept ?? { at: now() }
    if (now() - at < MIN_AGE || now() - reread < REREAD_INTERVAL) return false
    reread = now()
    return holds(await fresh())
  }
}

function webhookOf(id: string, secret: string): readonly string[] {
  const { success, data } = signingSchema.safeParse(secretJson(secret))
  if (!success)
    throw new Refused(
      'no-webhook-secret',
      `the secret ${id} lacks {"webhook": "…"} or {"webhook": ["…", "…"]}, which verifies the webhooks of its registry`,
    )
  return typeof data.webhook === 'string' ? [data.webhook] : data.webhook
}

function notificationsOf(id: string, secret: string): { readonly username: string; readonly password: string } {
  const { success, data } = notificationsSchema.safeParse(secretJson(secret))
  if (!success)
    throw new Refused(
      'no-webhook-secret',
      `the secret ${id} lacks {"notifications": {"username": …, "password": …}}, which verifies job notifications`,
    )
  return data.notifications
}
