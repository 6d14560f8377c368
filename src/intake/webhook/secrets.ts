import * as z from 'zod/mini'
import { Refused } from '../../core/refused.ts'
import { secretJson, type Secrets } from '../../core/secrets.ts'
import type { WebhookSecrets } from './ports.ts'
import { basicAuthorization, equalSecrets } from '../../http/basic-auth.ts'

/** What a registry's secret says of its webhooks: the secret they sign with, or during a rotation the two. */
const text = z.string().check(z.minLength(1))
const signingSchema = z.looseObject({ webhook: z.union([text, z.array(text).check(z.minLength(1), z.maxLength(2))]) })

/** What the Databricks secret says of the notifications that come back: the destination's user name and password. */
const notificationsSchema = z.looseObject({ notifications: z.object({ username: z.string(), password: z.string() }) })

/** All times in ms. For so long may it go unnoticed that a secret was taken away. */
const AGE = 60_000
/** Secrets younger than this are not read again for a delivery that they do not fit… */
const YOUNG = 3_000
/** … nor those that were read for such a delivery so shortly before. */
const REREAD = 10_000
/** Nor are they asked for again so soon after that failed. */
const FAILED = 1_000

export function webhookSecrets(secrets: Secrets, now: () => number): WebhookSecrets {
  return {
    signing: (id) => rotating(async () => webhookOf(id, await secrets.read(id)), now),
    authorization(id) {
      const asked = rotating(async () => notificationsOf(id, await secrets.read(id)), now)
      return (authorization) =>
        asked(({ username, password }) => equalSecrets(authorization, basicAuthorization(username, password)))
    },
  }
}

/**
 * Asks `holds` about a value that may have been changed since it was read. What does not hold is asked about a newer one too,
 * so that a rotation works at once; but seldom, so that a flood of forgeries is not one of calls to Secrets Manager.
 */
function rotating<T>(read: () => Promise<T>, now: () => number): (holds: (value: T) => boolean) => Promise<boolean> {
  let kept: { readonly value: T; readonly at: number } | undefined
  let failed: { readonly error: unknown; readonly at: number } | undefined
  let reread = Number.NEGATIVE_INFINITY
  const fresh = async (): Promise<T> => {
    if (failed !== undefined && now() - failed.at < FAILED) throw failed.error
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
    if (holds(kept !== undefined && now() - kept.at < AGE ? kept.value : await fresh())) return true
    const { at } = kept ?? { at: now() }
    if (now() - at < YOUNG || now() - reread < REREAD) return false
    reread = now()
    return holds(await fresh())
  }
}

function webhookOf(id: string, secret: string): readonly string[] {
  const { success, data } = signingSchema.safeParse(secretJson(secret))
  if (!success)
    throw new Refused(
      'no-webhook-secret',
      `the secret ${id} lacks {"webhook": "…"} or {"webhook": ["…", "…"]}, which the webhooks of its registry are checked against`,
    )
  return typeof data.webhook === 'string' ? [data.webhook] : data.webhook
}

function notificationsOf(id: string, secret: string): { readonly username: string; readonly password: string } {
  const { success, data } = notificationsSchema.safeParse(secretJson(secret))
  if (!success)
    throw new Refused(
      'no-webhook-secret',
      `the secret ${id} lacks {"notifications": {"username": …, "password": …}}, which job notifications are checked against`,
    )
  return data.notifications
}
