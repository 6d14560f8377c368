import * as z from 'zod/mini'
import type { Secrets } from '../secrets.ts'
import { basicAuthorization, equalSecrets } from './basic-auth.ts'
import { cachedSecrets } from './secrets.ts'

/** What the Databricks secret says of the notifications that come back: the destination's user name and password. */
const secretSchema = z.looseObject({ notifications: z.object({ username: z.string(), password: z.string() }) })

/** For so long may a rotation go unnoticed, in ms. */
const SECRET_AGE = 60_000

/** Tells whether an `Authorization` header is that of the lake's notification destination. */
export function notificationAuthorization(
  secrets: Secrets,
  secret: string,
  now: () => number,
): (authorization: string) => Promise<boolean> {
  const cached = cachedSecrets(secrets, now, SECRET_AGE)
  return async (authorization) => {
    const { success, data } = secretSchema.safeParse(parse(await cached.read(secret)))
    if (!success)
      throw new Error(
        `the secret ${secret} lacks {"notifications": {"username": …, "password": …}}, which job notifications are checked against`,
      )
    const { username, password } = data.notifications
    return equalSecrets(authorization, basicAuthorization(username, password))
  }
}

/** Not JSON is told as what it lacks, without a word of what it holds. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
