import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import { type Credentials as CallCredentials, redirectAdvice } from '../http/authorized.ts'
import { basicAuthorization } from '../http/basic-auth.ts'
import { credentialsIn } from '../http/sent.ts'
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
  current(): Promise<Held>
  /** The workspace rejected this token: the next one is made from the secret, read again. */
  reject(token: string): void
}

interface Held {
  readonly token: string
  /** What it was made from. */
  readonly secrets: readonly string[]
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
      const { token, secrets } = await tokens.current()
      return { headers: { authorization: `Bearer ${token}` }, secrets, reject: () => tokens.reject(token) }
    },
    refused: () => unauthorized(options.host, options.secret),
  }
}

function databricksTokens(options: TokenOptions): Tokens {
  const { secret, secrets, now } = options
  let held: Held | undefined
  let loading: Promise<Held> | undefined

  async function load(): Promise<Held> {
    for (let again = false; ; again = true) {
      const text = await secrets.read(secret)
      const given = readCredentials(secret, text)
      const others = credentialsIn(secretJson(text))
      // Never kept longer than the secret: a rotation is noticed by the secret's maximum age, or at once after a 401.
      if ('token' in given) return { token: given.token, secrets: others, until: now() }
      const made = await exchange(given, options)
      if (made !== undefined) return { ...made, secrets: others }
      if (again) throw unauthorized(options.host, secret)
      secrets.forget(secret)
    }
  }

  return {
    async current() {
      if (held !== undefined && now() < held.until) return held
      loading ??= load().finally(() => (loading = undefined))
      held = await loading
      return held
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
): Promise<Omit<Held, 'secrets'> | undefined> {
  const asked = now()
  const { status, body, location } = await http.send(`${host}/oidc/v1/token`, {
    method: 'POST',
    headers: {
      authorization: basicAuthorization(given.client_id, given.client_secret),
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials&scope=all-apis',
    isGrant: true,
  })
  const parsed = grant.safeParse(body)
  if (status === 200 && parsed.success) {
    const life = parsed.data.expires_in * 1000
    return { token: parsed.data.access_token, until: asked + life - Math.min(MARGIN, life / 2) }
  }
  const { error = '', error_description = '' } = refusal.safeParse(body).data ?? {}
  if (status === 401 || status === 403 || error === 'invalid_client') return undefined
  const found = [status, error, error_description.slice(0, 500), location ?? ''].filter((each) => each !== '').join(' ')
  if (status === 200) throw new Error(`${host}/oidc/v1/token answered 200 without a token and its life`)
  throw new Refused('no-token', `${host} returned no OAuth token: ${found}`, {
    subject: host,
    expected: '200 and an access token',
    found,
    advice:
      location === undefined
        ? 'Check databricks.host in lake.yml. It is the address of the workspace, not of the account.'
        : redirectAdvice(host, location, 'databricks.host'),
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
