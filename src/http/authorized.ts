import * as z from 'zod/mini'
import type { Refused } from '../core/refused.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'

/** What a service takes calls on. */
export interface Credentials {
  /** What authorizes one request, made of the credentials as they now are. */
  authorize(request: Unauthorized): Promise<Authorization>
  /** `text` without any credential that was ever held: messages are logged and shown. */
  scrub(text: string): string
  /** Why nothing goes on where even new ones are not taken. */
  refused(): Refused
}

export interface Authorization {
  readonly headers: Readonly<Record<string, string>>
  /** The service did not take it: the next one is made of the credentials as they then are. */
  reject(): void
}

export interface Unauthorized {
  readonly method: HttpRequest['method']
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * A call with the credentials of the day; where they are not taken, once more with those that are read then.
 *
 * @param body sent as JSON
 * @throws {Refused} of the credentials, when the new ones are not taken either
 * @throws {Unavailable} as {@link HttpClient}
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
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  for (let again = false; ; again = true) {
    const { headers, reject } = await credentials.authorize(request)
    const { method: _, url: to, ...rest } = { ...request, headers: { ...request.headers, ...headers } }
    const answer = await http.send(to, { method, ...rest })
    if (!isUnauthorized(answer)) return answer
    reject()
    if (again) throw credentials.refused()
  }
}

/** A number where an id is beyond what a double holds comes as text. */
const failure = z.object({
  error_code: z.optional(z.union([z.number(), z.string()])),
  message: z.optional(z.string()),
})

/** How Databricks and MLflow say a failure, in a body of JSON. */
export function failureOf(body: unknown): { readonly code?: string; readonly message: string } {
  const { error_code, message = '' } = failure.safeParse(body).data ?? {}
  return error_code === undefined ? { message } : { code: String(error_code), message }
}

/** A bad personal access token is answered with 403 in places; a lack of rights then has a code that says so. */
function isUnauthorized({ status, body }: HttpAnswer): boolean {
  if (status === 401) return true
  const { code, message } = failureOf(body)
  return status === 403 && code !== 'PERMISSION_DENIED' && /token/i.test(message)
}

/** On this machine nothing is sent over a wire. */
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether credentials may be sent there: TLS, or no wire at all. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.has(url.hostname))
}
