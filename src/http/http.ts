import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs, Milliseconds } from '../core/time.ts'

/** JSON over HTTPS, with retries. */
export interface HttpClient {
  /**
   * Sends a request that is safe to repeat. Any status but 429 and 5xx is final. After 429 and 503 it waits as
   * `Retry-After` says; other 5xx, lost connections, timeouts and truncated responses are retried a few times.
   *
   * @throws {Unavailable} if there is no final response within the budget; retryable
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
  /** Parsed; `undefined` if the body of an error is not JSON. Integers beyond 2^53 are kept as text. */
  readonly body: unknown
  /** The beginning of an error's body that is not JSON, such as a proxy's page. */
  readonly text?: string
}

/** The service gave no final response; it may give one later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  /** How long the service asked to wait. */
  readonly retryAfter?: Milliseconds

  constructor(message: string, retryAfter?: Milliseconds, options?: ErrorOptions) {
    super(message, options)
    if (retryAfter !== undefined) this.retryAfter = retryAfter
  }
}

interface HttpOptions {
  readonly fetch: typeof fetch
  readonly now: () => EpochMs
  readonly sleep: (delay: Milliseconds) => Promise<void>
  /** From [0, 1), for the jitter of waits. */
  readonly random: () => number
  /** For one call with all its attempts. */
  readonly budget: Milliseconds
  /** For one attempt. */
  readonly timeout: Milliseconds
  /** The largest body that is read, in bytes. */
  readonly maxBytes: number
  /** Attempts; waits that the service asks for do not count. */
  readonly tries: number
}

const defaults: HttpOptions = {
  fetch: (...args) => fetch(...args),
  now: Date.now,
  sleep: (delay) => sleep(delay),
  random: Math.random,
  budget: 20_000,
  timeout: 10_000,
  maxBytes: 5_000_000,
  tries: 4,
}

/** The wait after a 429 or 503 without `Retry-After`, as in Databricks' own SDKs. */
const DEFAULT_WAIT: Milliseconds = 1_000
const FIRST_BACKOFF: Milliseconds = 200

export function httpClient(given: Partial<HttpOptions> = {}): HttpClient {
  const options = { ...defaults, ...given }
  return {
    async send(url, request) {
      const what = `${request.method} ${withoutQuery(url)}`
      const end = options.now() + options.budget
      let failures = 0
      for (;;) {
        const outcome = await attempt(url, request, Math.min(options.timeout, end - options.now()), options)
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
      readonly wait?: Milliseconds
      readonly cause?: unknown
    }

async function attempt(
  url: string,
  request: HttpRequest,
  timeout: Milliseconds,
  options: HttpOptions,
): Promise<Outcome> {
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(Math.max(1, timeout))
    // Redirects are not followed: the credentials are meant for one host only.
    response = await options.fetch(url, { ...request, redirect: 'manual', signal })
    text = await readText(response, options.maxBytes)
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause
    return { kind: 'failed', reason: because(cause), cause }
  }
  const { status } = response
  if (status === 429 || status === 503) {
    const asked = retryAfter(response.headers.get('retry-after'), options.now()) ?? DEFAULT_WAIT
    // 0, or a date that has passed, would mean calls without a pause until the budget ends.
    const wait = Math.max(FIRST_BACKOFF, asked)
    return { kind: 'asked-to-wait', reason: `answered ${status}, asking for a retry in ${wait} ms`, wait }
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

/** @throws {Unavailable} beyond `limit` bytes, at once: a retry would bring the same */
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

/** The wait that `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date; `undefined` for anything else. */
function retryAfter(header: string | null, now: EpochMs): Milliseconds | undefined {
  if (header === null || header.trim() === '') return undefined
  const wait = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown

/** Ids are 64-bit numbers in JSON. Those that a double cannot hold become text, to keep all digits. */
function parse(text: string): unknown {
  return parseWith(text, (_key, value, { source }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value,
  )
}

/** The message of fetch's error is `fetch failed`; the reason is in its cause. */
function because(thrown: unknown): string {
  const { message = String(thrown), cause } = thrown as { readonly message?: string; readonly cause?: ErrnoLike }
  const inner = cause?.code ?? cause?.message
  return inner === undefined ? message : `${message} (${inner})`
}

interface ErrnoLike {
  readonly code?: string
  readonly message?: string
}

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}
