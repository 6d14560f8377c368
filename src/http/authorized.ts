import * as z from 'zod/mini'
import type { Refused } from '../core/refused.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts'

/** Authorizes calls to a service. */
export interface Credentials {
  /** Headers for one request, made from the current credentials. */
  authorize(request: Unauthorized): Promise<Authorization>
  /** `text` without any credential that was ever used: messages are logged and shown. */
  scrub(text: string): string
  /** The refusal when the service rejects newly read credentials too. */
  refused(): Refused
}

interface Authorization {
  readonly headers: Readonly<Record<string, string>>
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
    const { headers, reject } = await credentials.authorize(request)
    const { method: _, url: to, ...rest } = { ...request, headers: { ...request.headers, ...headers } }
    const answer = await http.send(to, { method, ...rest })
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

/** Whether credentials may be sent there: over TLS, or to this machine. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.has(url.hostname))
}
