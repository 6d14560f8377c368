import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import { addressOf } from './sent.ts'

/** Authorizes calls to a service. */
export interface Credentials {
  /** Headers for one request, made from the current credentials. */
  authorize(request: Unauthorized): Promise<Authorization>
  /** The refusal when the service rejects newly read credentials too. */
  refused(): Refused
}

interface Authorization {
  readonly headers: Readonly<Record<string, string>>
  /** Other credentials that the service may know, which it must not repeat in messages either. */
  readonly secrets?: readonly string[]
  /** To be called if the service rejects it: the next authorization reads the credentials again. */
  reject(): void
}

export interface Unauthorized {
  readonly method: HttpRequest['method']
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * A call with the current credentials. If they are rejected, it is made once more with newly read ones.
 *
 * @param body sent as JSON
 * @throws {Refused} from the credentials, if the new ones are rejected too
 * @throws {Unavailable} as {@link HttpClient} does
 */
export async function authorized(
  http: HttpClient,
  credentials: Credentials,
  url: string,
  method: HttpRequest['method'] = 'GET',
  body?: unknown,
): Promise<HttpAnswer> {
  const request: Unauthorized = {
    method,
    url,
    headers: {
      accept: 'application/json',
      'user-agent': 'landfall',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
  for (let again = false; ; again = true) {
    const { headers, secrets, reject } = await credentials.authorize(request)
    const { url: to, ...rest } = { ...request, headers: { ...request.headers, ...headers }, secrets }
    const answer = await http.send(to, rest)
    if (!isUnauthorized(answer)) return answer
    reject()
    if (again) throw credentials.refused()
  }
}

const failure = z.object({
  error_code: z.optional(z.union([z.number(), z.string()])),
  message: z.optional(z.string()),
})

/** The error in a JSON body, as Databricks and MLflow write it. */
export function failureOf(body: unknown): { readonly code?: string; readonly message: string } {
  const { error_code, message = '' } = failure.safeParse(body).data ?? {}
  return error_code === undefined ? { message } : { code: String(error_code), message }
}

/** Databricks answers 403 to a bad personal access token in places; missing permissions have a code of their own. */
function isUnauthorized({ status, body }: HttpAnswer): boolean {
  if (status === 401) return true
  const { code, message } = failureOf(body)
  return status === 403 && code !== 'PERMISSION_DENIED' && /token/i.test(message)
}

/** Hosts whose traffic does not leave this machine. */
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * An address that credentials may be sent to: over TLS, or to this machine.
 *
 * @param subject the key of lake.yml
 * @throws {Refused} `insecure-host`, which repeats neither a user name and password in the address, nor a query
 */
export function secureAddress(address: string, subject: string): URL {
  const url = URL.parse(address) ?? undefined
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOCAL.has(url.hostname))
  const isPlain = [url?.username, url?.password, url?.search, url?.hash].every((part) => part === '')
  if (url !== undefined && isSecure && isPlain) return url
  const found = url === undefined || url.host === '' ? undefined : addressOf(address)
  throw new Refused('insecure-host', `Landfall does not send credentials to ${found ?? `the address in ${subject}`}`, {
    subject,
    expected: 'an https:// address (http:// only on this machine), without user, password and query',
    found,
    advice: `Correct ${subject} in lake.yml. Credentials belong in the secret.`,
  })
}

/** What to do about a redirect, which is not followed: the credentials are meant for one host only. */
export function redirectAdvice(from: string, location: string, where: string): string {
  const [asked, target] = [new URL(from), URL.parse(location)]
  if (target === null || asked.hostname === target.hostname)
    return `It redirects to ${location}. Correct ${where} in lake.yml, or the proxy in front of it, so that no call is redirected.`
  return `It redirects to ${location}. If that is a log-in page, allow calls with the credentials in the secret without it; otherwise correct ${where} in lake.yml.`
}
