import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs, Milliseconds } from '../core/time.ts'
import { parse } from './json.ts'
import { type Scrub, scrubOf } from './scrub.ts'
import { addressOf, sentWith } from './sent.ts'
import { because, scrubbedError } from './thrown.ts'

/** JSON over HTTPS, with retries. */
export interface HttpClient {
  /**
   * Sends a request that is safe to repeat. Any status but 429 and 5xx is final. After 429 and 503 it waits as
   * `Retry-After` says; other 5xx, lost connections, timeouts and truncated responses are retried a few times.
   *
   * Nothing that is returned or thrown repeats a credential of the request: `***` is in its place.
   *
   * @throws {Unavailable} if there is no final response within the budget; retryable
   */
  send(url: string, request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Credentials that the service may know and repeat, beside those that this request sends. */
  readonly secrets?: readonly string[]
  /** The answer is a token, perhaps one that was granted and sent before. */
  readonly isGrant?: true
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed; `undefined` if the body of an error is not JSON. Integers beyond 2^53 are kept as text. */
  readonly body: unknown
  /** The beginning of an error's body that is not JSON, such as a proxy's page. */
  readonly text?: string
  /** The address that a redirect leads to, without its query. Redirects are not followed. */
  readonly location?: string
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
  /** Whether any response is final, also 429, 5xx and what is not JSON, for callers that examine how calls fail. */
  readonly anyIsFinal: boolean
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
  anyIsFinal: false,
}

/** The wait after a 429 or 503 without `Retry-After`, as in Databricks' own SDKs. */
const DEFAULT_WAIT: Milliseconds = 1_000
const FIRST_BACKOFF: Milliseconds = 200

/** How many credentials of earlier requests are remembered. */
const REMEMBERED = 20
/** Characters of a body that are kept for a message. */
const SHOWN = 500

export function httpClient(given: Partial<HttpOptions> = {}): HttpClient {
  const options = { ...defaults, ...given }
  const before = new Set<string>()
  return {
    async send(url, request) {
      const { credentials, open } = sentWith(url, request)
      const scrub = scrubOf(credentials, [...before], open, request.isGrant === true)
      remember(before, credentials)
      const what = `${request.method} ${addressOf(url)}`
      const end = options.now() + options.budget
      let failures = 0
      for (;;) {
        const outcome = await attempt(url, request, Math.min(options.timeout, end - options.now()), options, scrub)
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

/** The latest ones: the service may still repeat a rotated secret, or what a token was made from. */
function remember(before: Set<string>, credentials: readonly string[]): void {
  for (const each of credentials) {
    before.delete(each)
    before.add(each)
  }
  for (const each of before) if (before.size > REMEMBERED) before.delete(each)
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
  scrub: Scrub,
): Promise<Outcome> {
  const { method, headers, body } = request
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(Math.max(1, timeout))
    // Redirects are not followed: the credentials are meant for one host only.
    response = await options.fetch(url, { method, headers, body, redirect: 'manual', signal })
    text = await readText(url, response, options.maxBytes)
  } catch (cause) {
    if (cause instanceof Unavailable) throw cause
    return { kind: 'failed', reason: scrub.error(because(cause)), cause: scrubbedError(cause, scrub) }
  }
  if (!options.anyIsFinal) {
    const failure = temporary(response, options.now())
    if (failure !== undefined) return failure
  }
  return answerOf(url, response, text, options.anyIsFinal, scrub)
}

/** A status that promises another answer later. */
function temporary({ status, headers }: Response, now: EpochMs): Outcome | undefined {
  if (status === 429 || status === 503) {
    const asked = retryAfter(headers.get('retry-after'), now) ?? DEFAULT_WAIT
    // 0, or a date that has passed, would mean calls without a pause until the budget ends.
    const wait = Math.max(FIRST_BACKOFF, asked)
    return { kind: 'asked-to-wait', reason: `answered ${status}, asking for a retry in ${wait} ms`, wait }
  }
  return status >= 500 ? { kind: 'failed', reason: `answered ${status}` } : undefined
}

function answerOf(url: string, response: Response, text: string, anyIsFinal: boolean, scrub: Scrub): Outcome {
  const { status, headers } = response
  const isData = status < 300
  const target = status >= 300 && status < 400 ? headers.get('location') : null
  const location = target === null ? undefined : scrub.error(targetOf(target, url)).slice(0, SHOWN)
  const more = location === undefined ? {} : { location }
  try {
    const body = parse(text, isData ? scrub.data : scrub.error, isData)
    return { kind: 'answer', answer: { status, body, ...more } }
  } catch {
    // The parser's error is dropped, since it quotes some of the text.
    if (!isData || anyIsFinal) {
      const said = scrub.error(text).slice(0, SHOWN)
      return { kind: 'answer', answer: { status, body: undefined, text: said, ...more } }
    }
    const type = scrub.error(headers.get('content-type') ?? 'no content type').slice(0, 100)
    return { kind: 'failed', reason: `answered ${status} with ${text.length} characters that are not JSON (${type})` }
  }
}

/** @throws {Unavailable} beyond `limit` bytes, at once: a retry would bring the same */
async function readText(url: string, response: Response, limit: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Leaving the loop cancels the body.
    if (size > limit) throw new Unavailable(`${addressOf(url)} answered more than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Where a `Location` header leads (RFC 9110, 10.2.2): it may be relative, and its query may hold a session. */
function targetOf(location: string, from: string): string {
  const target = URL.parse(location, from)
  if (target === null) return 'an address that is none'
  return target.host === '' ? `an address of ${target.protocol}` : addressOf(target.href)
}

/** The wait that `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date; `undefined` for anything else. */
function retryAfter(header: string | null, now: EpochMs): Milliseconds | undefined {
  if (header === null || header.trim() === '') return undefined
  const wait = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
