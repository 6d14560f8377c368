import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import type { Credentials as CallCredentials } from '../http/authorized.ts'
import type { HttpClient } from '../http/http.ts'
import { secretJson } from '../core/secrets.ts'
import type { EpochMs, Milliseconds } from '../core/time.ts'
import type { CachedSecrets } from '../core/cached-secrets.ts'

/** The secret in Secrets Manager: a service principal's OAuth secret, or a personal access token. */
const filled = z.string().check(z.minLength(1))
const credentials = z.union([z.object({ client_id: filled, client_secret: filled }), z.object({ token: filled })])
type Credentials = z.infer<typeof credentials>

const grant = z.object({ access_token: filled, expires_in: z.number().check(z.positive()) })

/** RFC 6749, 5.2. */
const refusal = z.object({ error: z.optional(z.string()), error_description: z.optional(z.string()) })

/** Tokens for the calls to one workspace. */
interface Tokens {
  /**
   * The current token. It is fetched if there is none or it is about to expire; concurrent callers share one fetch.
   *
   * @throws {Refused} `bad-secret`, `unauthorized`
   */
  current(): Promise<string>
  /** The workspace rejected this token: the next one is made from the secret, read again. */
  reject(token: string): void
  /** `text` without any credential that was ever used: messages are logged and shown. */
  scrub(text: string): string
}

interface Held {
  readonly token: string
  /** When to get a new one. */
  readonly until: EpochMs
}

/** A token is renewed this long before it expires, so that calls in progress can finish; at half its life if that is short. */
const MARGIN: Milliseconds = 300_000

interface TokenOptions {
  /** Origin of the workspace. */
  readonly host: string
  readonly secret: string
  readonly secrets: CachedSecrets
  readonly http: HttpClient
  readonly now: () => EpochMs
}

/** Authorizes every call to one workspace with a bearer token. */
export function tokenCredentials(options: TokenOptions): CallCredentials {
  const tokens = databricksTokens(options)
  return {
    async authorize() {
      const token = await tokens.current()
      return { headers: { authorization: `Bearer ${token}` }, reject: () => tokens.reject(token) }
    },
    scrub: (text) => tokens.scrub(text),
    refused: () => unauthorized(options.host, options.secret),
  }
}

function databricksTokens(options: TokenOptions): Tokens {
  const { secret, secrets, now } = options
  const known = new Set<string>()
  const scrub = (text: string): string =>
    [...known].reduce((scrubbed, credential) => scrubbed.replaceAll(credential, '***'), text)
  let held: Held | undefined
  let loading: Promise<Held> | undefined

  async function load(): Promise<Held> {
    for (let again = false; ; again = true) {
      const given = readCredentials(secret, await secrets.read(secret))
      if ('token' in given) {
        known.add(given.token)
        // Never kept longer than the secret: a rotation is noticed by the secret's maximum age, or at once after a 401.
        return { token: given.token, until: now() }
      }
      known.add(given.client_secret)
      const made = await exchange(given, options, scrub)
      if (made !== undefined) {
        known.add(made.token)
        return made
      }
      if (again) throw unauthorized(options.host, secret)
      secrets.forget(secret)
    }
  }

  return {
    scrub,
    async current() {
      if (held !== undefined && now() < held.until) return held.token
      loading ??= load().finally(() => (loading = undefined))
      held = await loading
      return held.token
    },
    reject(token) {
      // Another call may have fetched a new one in the meantime.
      if (held?.token !== token) return
      held = undefined
      secrets.forget(secret)
    },
  }
}

/**
 * OAuth machine to machine (docs.databricks.com, "Authorize service principal access").
 * Returns `undefined` if the workspace does not know the client, or rejects its secret.
 */
async function exchange(
  given: Extract<Credentials, { client_id: string }>,
  { host, http, now }: TokenOptions,
  scrub: (text: string) => string,
): Promise<Held | undefined> {
  const asked = now()
  const { status, body } = await http.send(`${host}/oidc/v1/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${given.client_id}:${given.client_secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials&scope=all-apis',
  })
  const parsed = grant.safeParse(body)
  if (status === 200 && parsed.success) {
    const life = parsed.data.expires_in * 1000
    return { token: parsed.data.access_token, until: asked + life - Math.min(MARGIN, life / 2) }
  }
  const { error = '', error_description = '' } = refusal.safeParse(body).data ?? {}
  if (status === 401 || status === 403 || error === 'invalid_client') return undefined
  const found = scrub(`${status} ${error} ${error_description}`.trim())
  if (status === 200) throw new Error(`${host}/oidc/v1/token answered 200 without a token and its life`)
  throw new Refused('no-token', `${host} returned no OAuth token: ${found}`, {
    subject: host,
    expected: '200 and an access token',
    found,
    advice: 'Check databricks.host in lake.yml. It is the address of the workspace, not of the account.',
  })
}

/** The error repeats nothing of the secret's text. */
function readCredentials(secret: string, text: string): Credentials {
  const parsed = credentials.safeParse(secretJson(text))
  if (parsed.success) return parsed.data
  throw new Refused('bad-secret', `the secret ${secret} holds no Databricks credentials`, {
    subject: secret,
    expected: 'JSON: {"client_id": …, "client_secret": …} of a service principal, or {"token": …}',
    advice: `Store it: aws secretsmanager put-secret-value --secret-id ${secret} --secret-string '…'`,
  })
}

function unauthorized(host: string, secret: string): Refused {
  return new Refused('unauthorized', `${host} rejects the credentials in ${secret}, which were read again just now`, {
    subject: secret,
    advice: `Create a new OAuth secret (or token) for the service principal, and store it in ${secret}.`,
  })
}
