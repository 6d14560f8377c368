import { setTimeout as sleep } from 'node:timers/promises'

/** JSON over HTTPS, with the patience that a service asks for. */
export interface HttpClient {
  /**
   * Sends a request that is safe to repeat, and answers once the service has said something final: any status but 429
   * and 5xx. A status of 429 or 503 is waited out as `Retry-After` says; other 5xx, lost connections, time-outs and
   * answers that break off are tried again a few times.
   *
   * @throws {Unavailable} when there is no final answer within the budget; retryable
   */
  send(url: string, request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  /** What the body says; `undefined` where a failure's body is no JSON. Integers beyond 2^53 are kept as text. */
  readonly body: unknown
  /** The beginning of a failure's body that is no JSON, such as a proxy's page. */
  readonly text?: string
}

/** A service that gives no final answer now, and may later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  /** When the service asked to come again, in ms from now; absent where it did not say. */
  readonly retryAfter?: number

  constructor(message: string, retryAfter?: number, options?: ErrorOptions) {
    super(message, options)
    if (retryAfter !== undefined) this.retryAfter = retryAfter
  }
}

export interface HttpOptions {
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** From [0, 1), for the spread of waits. */
  readonly random: () => number
  /** For one call with all its tries, in ms. */
  readonly budget: number
  /** For one try, in ms. */
  readonly timeout: number
  /** Largest body that is read, in bytes. */
  readonly maxBytes: number
  /** Tries for what is not asked for by `Retry-After`. */
  readonly tries: number
}

const defaults: HttpOptions = {
  fetch: (...args) => fetch(...args),
  now: Date.now,
  sleep: (ms) => sleep(ms),
  random: Math.random,
  budget: 20_000,
  timeout: 10_000,
  maxBytes: 5_000_000,
  tries: 4,
}

/** What Databricks' own SDKs wait where a 429 or 503 does not say how long, in ms. */
const UNSAID = 1_000
const FIRST_BACKOFF = 200

export function httpClient(given: Partial<HttpOptions> = {}): HttpClient {
  const options = { ...defaults, ...given }
  return {
    async send(url, request) {
      const what = `${request.method} ${withoutQuery(url)}`
      const end = options.now() + options.budget
      let failures = 0
      for (;;) {
        const outcome = await once(url, request, Math.min(options.timeout, end - options.now()), options)
        if (outcome.kind === 'answer') return outcome.answer
        if (outcome.kind === 'failed') failures += 1
        const wait = outcome.wait ?? FIRST_BACKOFF * 2 ** (failures - 1) * (0.5 + options.random())
        if (failures >= options.tries || options.now() + wait >= end)
          throw new Unavailable(`${what}: ${outcome.reason}`, outcome.wait, { cause: outcome.cause })
        await options.sleep(wait)
      }
    },
  }
}

type Outcome =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | {
      readonly kind: 'asked-to-wait' | 'failed'
      readonly reason: string
      readonly wait?: number
      readonly cause?: unknown
    }

async function once(url: string, request: HttpRequest, timeout: number, options: HttpOptions): Promise<Outcome> {
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(Math.max(1, timeout))
    // Redirects are not followed: what is sent is meant for one host only.
    response = await options.fetch(url, { ...request, redirect: 'manual', signal })
    text = await readText(response, options.maxBytes)
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause
    return { kind: 'failed', reason: because(cause), cause }
  }
  const { status } = response
  if (status === 429 || status === 503) {
    const asked = retryAfter(response.headers.get('retry-after'), options.now()) ?? UNSAID
    // 0, or a moment that has passed, would have it called without a pause until the budget's end.
    const wait = Math.max(FIRST_BACKOFF, asked)
    return { kind: 'asked-to-wait', reason: `answered ${status}, to be tried again in ${wait} ms`, wait }
  }
  if (status >= 500) return { kind: 'failed', reason: `answered ${status}` }
  try {
    return { kind: 'answer', answer: { status, body: parse(text) } }
  } catch (cause) {
    if (status >= 300) return { kind: 'answer', answer: { status, body: undefined, text: text.slice(0, 500) } }
    const type = response.headers.get('content-type') ?? 'no content type'
    return {
      kind: 'failed',
      reason: `answered ${status} with ${text.length} characters that are not JSON (${type})`,
      cause,
    }
  }
}

/** @throws {Unavailable} beyond `limit` bytes: trying again would bring the same */
async function readText(response: Response, limit: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Leaving the loop cancels the body.
    if (size > limit) throw new Unavailable(`${withoutQuery(response.url)} answered more than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. In ms from `now`; `undefined` for what is neither. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const wait = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown

/** Ids are 64-bit numbers in JSON: those that a double does not hold keep their digits, as text. */
function parse(text: string): unknown {
  return parseWith(text, (_key, value, { source }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value,
  )
}

/** fetch says `fetch failed`, and why in its cause. */
function because(thrown: unknown): string {
  const { message = String(thrown), cause } = thrown as { readonly message?: string; readonly cause?: ErrnoLike }
  const inner = cause?.code ?? cause?.message
  return inner === undefined ? message : `${message} (${inner})`
}

interface ErrnoLike {
  readonly code?: string
  readonly message?: string
}

/** For messages. */
function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}
