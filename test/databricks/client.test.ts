import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { describe, expect, test } from '@jest/globals'
import { databricks } from '../../src/databricks/client.ts'
import { httpClient, Unavailable } from '../../src/http/http.ts'
import { Refused } from '../../src/core/refused.ts'
import { secretsTwin } from '../core/secrets.twin.ts'
import { selfSigned } from '../http/self-signed.ts'

const HOST = 'https://dbc-1.cloud.databricks.com'
const SECRET = 'landfall/databricks'
const OAUTH = JSON.stringify({ client_id: 'client-1', client_secret: 'hush-1' })
const start = { jobId: 42, token: 'a'.repeat(64), parameters: { landfall_table: 'uploads' } }

interface Call {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}
type Answer = Response | Error | ((signal: AbortSignal) => Promise<Response>)
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
const granted = (token: string, expires_in = 3600): Response =>
  json(200, { access_token: token, token_type: 'Bearer', expires_in })
const error = (status: number, error_code: string, message = 'said', headers = {}): Response =>
  json(status, { error_code, message }, headers)

const busy = (after?: string): Response =>
  error(429, 'REQUEST_LIMIT_EXCEEDED', 'slow', after === undefined ? {} : { 'retry-after': after })
const hang = (signal: AbortSignal): Promise<Response> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
const cut = (): Response => new Response('{"run_id": 7, "status": {"sta', { status: 200 })
/** A workspace with scripted responses, and a clock that only waiting advances. */
function world(script: Answer[], values: Record<string, string> = { [SECRET]: OAUTH }, budget = 20_000) {
  const calls: Call[] = []
  const waits: number[] = []
  const secrets = secretsTwin(values)
  const clock = { now: 1_700_000_000_000 }
  const now = (): number => clock.now
  const http = httpClient({
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      expect([url.origin, init?.redirect]).toEqual([HOST, 'manual'])
      calls.push({
        path: url.pathname + url.search,
        headers: init?.headers as Record<string, string>,
        body: (init?.body ?? '') as string,
      })
      const answer = script.shift()
      if (answer === undefined) throw new Error('the script has ended')
      if (answer instanceof Error) throw answer
      return typeof answer === 'function' ? answer(init?.signal as AbortSignal) : answer
    },
    now,
    sleep: async (ms) => {
      waits.push(ms)
      clock.now += ms
    },
    random: () => 0.5,
    budget,
    timeout: 40,
    maxBytes: 1000,
  })
  const workspace = databricks({ host: HOST, secret: SECRET, secrets, http, now })
  const paths = (): string[] => calls.map(({ path }) => path.split('?')[0] ?? '')
  return { workspace, calls, paths, waits, secrets, clock }
}
const TOKEN = '/oidc/v1/token'
const RUN_NOW = '/api/2.2/jobs/run-now'
const running = (): Response => json(200, { run_id: 7, status: { state: 'RUNNING' } })

describe('credentials', () => {
  test('a service principal exchanges its secret for one token for many calls', async () => {
    const { workspace, calls, paths } = world([granted('t1'), json(200, { run_id: 5, number_in_job: 5 }), running()])
    expect(await workspace.runNow(start)).toEqual({ runId: '5' })
    expect(await workspace.run('5')).toEqual({ kind: 'running' })
    expect(paths()).toEqual([TOKEN, RUN_NOW, '/api/2.2/jobs/runs/get'])
    expect(calls[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('client-1:hush-1').toString('base64')}`)
    expect(Object.fromEntries(new URLSearchParams(calls[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'all-apis',
    })
    expect(calls[1]?.headers['authorization']).toBe('Bearer t1')
    expect(JSON.parse(calls[1]?.body ?? '')).toEqual({
      job_id: 42,
      idempotency_token: start.token,
      job_parameters: start.parameters,
      queue: { enabled: true },
    })
    expect(calls[2]?.path).toBe('/api/2.2/jobs/runs/get?run_id=5')
  })

  test('a token is renewed before it expires, and concurrent calls share the renewal', async () => {
    const { workspace, paths, clock } = world([
      granted('t1', 3600),
      running(),
      granted('t2', 3600),
      running(),
      running(),
      running(),
    ])
    await workspace.run('1')
    clock.now += (3600 - 299) * 1000
    await Promise.all([workspace.run('1'), workspace.run('2'), workspace.run('3')])
    expect(paths().filter((path) => path === TOKEN)).toHaveLength(2)
  })

  test('a token that is valid for seconds is used for half its life', async () => {
    const { workspace, paths, clock } = world([granted('t1', 4), running(), running(), granted('t2', 4), running()])
    await workspace.run('1')
    clock.now += 1999
    await workspace.run('1')
    clock.now += 1
    await workspace.run('1')
    expect(paths().filter((path) => path === TOKEN)).toHaveLength(2)
  })

  test('a failed load is not cached: the next call tries again', async () => {
    const { workspace, secrets } = world([granted('t1'), running()])
    secrets.failures.push(new Error('Secrets Manager is away'))
    await expect(workspace.run('1')).rejects.toThrow('Secrets Manager is away')
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(secrets.reads).toBe(2)
  })

  test('a rotated secret is read again when its token is rejected', async () => {
    const { workspace, secrets, calls } = world([
      granted('t1'),
      running(),
      error(401, 'UNAUTHENTICATED'),
      granted('t2'),
      running(),
    ])
    await workspace.run('1')
    secrets.values.set(SECRET, JSON.stringify({ client_id: 'client-1', client_secret: 'hush-2' }))
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(calls[3]?.headers['authorization']).toBe(`Basic ${Buffer.from('client-1:hush-2').toString('base64')}`)
    expect(calls[4]?.headers['authorization']).toBe('Bearer t2')
  })

  test('a rotated secret is read again when its client is unknown', async () => {
    const { workspace, secrets, paths } = world([json(401, { error: 'invalid_client' }), granted('t2'), running()])
    const read = secrets.read.bind(secrets)
    secrets.read = async (id) => {
      const text = await read(id)
      secrets.values.set(SECRET, JSON.stringify({ client_id: 'client-1', client_secret: 'hush-2' }))
      return text
    }
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(paths()).toEqual([TOKEN, TOKEN, '/api/2.2/jobs/runs/get'])
  })

  test('credentials that are rejected twice are refused', async () => {
    const { workspace, calls } = world([granted('t1'), error(401, 'X'), granted('t2'), error(401, 'X')])
    await expect(workspace.run('1')).rejects.toMatchObject({ name: 'Refused', code: 'unauthorized' })
    expect(calls).toHaveLength(4)
    const other = world([json(401, { error: 'invalid_client' }), json(401, { error: 'invalid_client' })])
    await expect(other.workspace.run('1')).rejects.toMatchObject({ name: 'Refused', code: 'unauthorized' })
  })

  test('a personal access token is sent as it is, and read again after 401 or a 403 about the token', async () => {
    const { workspace, secrets, calls } = world([running(), error(403, '403', 'Invalid access token.'), running()], {
      [SECRET]: '{"token":"dapi-1"}',
    })
    await workspace.run('1')
    secrets.values.set(SECRET, '{"token":"dapi-2"}')
    await workspace.run('1')
    expect(calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer dapi-1',
      'Bearer dapi-1',
      'Bearer dapi-2',
    ])
  })

  test('a rotated personal access token is noticed when the secret is too old', async () => {
    const { workspace, secrets, calls, clock } = world([running(), running(), running()], {
      [SECRET]: '{"token":"dapi-1"}',
    })
    await workspace.run('1')
    secrets.values.set(SECRET, '{"token":"dapi-2"}')
    clock.now += 299_999
    await workspace.run('1')
    clock.now += 1
    await workspace.run('1')
    expect(calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer dapi-1',
      'Bearer dapi-1',
      'Bearer dapi-2',
    ])
    expect(secrets.reads).toBe(2)
  })

  test.each(['', 'dapi-plain-text', '{}', '{"client_id":"x"}', '{"token":""}', '[1]'])(
    'the secret %j is refused, and not repeated',
    async (text) => {
      const failed = world([], { [SECRET]: text }).workspace.run('1')
      await expect(failed).rejects.toMatchObject({ name: 'Refused', code: 'bad-secret' })
      if (text.length > 3) await expect(failed).rejects.not.toThrow(text)
    },
  )

  test('credentials that the workspace repeats are removed from messages', async () => {
    const { workspace } = world([
      granted('t-very-secret'),
      error(400, 'INVALID_PARAMETER_VALUE', 'bad: t-very-secret hush-1'),
    ])
    const refused = await workspace.run('1').catch((cause: unknown) => cause as Refused)
    expect(refused).toBeInstanceOf(Refused)
    expect(JSON.stringify([(refused as Refused).message, (refused as Refused).detail])).not.toMatch(
      /t-very-secret|hush-1/,
    )
  })
})

describe('a workspace that is busy or unreachable', () => {
  test('429 is waited out as Retry-After says, in seconds or as a date', async () => {
    const at = new Date(1_700_000_000_000 + 3000 + 4000).toUTCString()
    const { workspace, waits } = world([granted('t1'), busy('3'), busy(at), busy(), busy('soon'), running()])
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(waits).toEqual([3000, 4000, 1000, 1000])
  })

  test('a Retry-After beyond the budget is thrown with the wait, not waited out', async () => {
    const { workspace, waits } = world([
      granted('t1'),
      error(503, 'TEMPORARILY_UNAVAILABLE', 'down', { 'retry-after': '3600' }),
    ])
    const thrown = await workspace.run('1').catch((cause: unknown) => cause)
    expect(thrown).toBeInstanceOf(Unavailable)
    expect((thrown as Unavailable).retryAfter).toBe(3_600_000)
    expect(waits).toEqual([])
  })

  test('endless 429 ends with the budget', async () => {
    const { workspace, waits } = world(
      [granted('t1'), ...Array.from({ length: 50 }, () => error(429, 'X'))],
      undefined,
      5000,
    )
    await expect(workspace.run('1')).rejects.toThrow(Unavailable)
    expect(waits).toHaveLength(4)
  })

  test.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'Retry-After: %s does not lead to calls without a pause',
    async (after) => {
      const { workspace, waits, calls } = world([granted('t1'), ...Array.from({ length: 100 }, () => busy(after))])
      await expect(workspace.run('1')).rejects.toThrow(Unavailable)
      expect(Math.min(...waits)).toBe(200)
      expect(calls).toHaveLength(1 + 20_000 / 200)
    },
  )

  test('5xx and lost connections are retried a few times with growing waits', async () => {
    const lost = new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
    const { workspace, waits } = world([granted('t1'), error(500, 'INTERNAL_ERROR'), lost, error(502, 'X'), running()])
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(waits).toEqual([200, 400, 800])
    const dead = world([granted('t1'), lost, lost, lost, lost, running()])
    await expect(dead.workspace.run('1')).rejects.toThrow(/runs\/get: fetch failed \(ECONNRESET\)/)
    expect(dead.calls).toHaveLength(5)
  })

  test('the token endpoint is retried too', async () => {
    const { workspace } = world([error(503, 'TEMPORARILY_UNAVAILABLE'), granted('t1'), running()])
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
  })

  test('a request without a response times out and is retried', async () => {
    const { workspace, calls } = world([granted('t1'), hang, running()])
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    expect(calls).toHaveLength(3)
  })

  test('a truncated response is retried', async () => {
    const { workspace } = world([granted('t1'), cut(), running()])
    expect(await workspace.run('1')).toEqual({ kind: 'running' })
    const dead = world([granted('t1'), cut(), cut(), cut(), cut()])
    await expect(dead.workspace.run('1')).rejects.toThrow(/29 characters that are not JSON/)
  })

  test('an endless body is abandoned, not held in memory', async () => {
    let pulled = 0
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(400))
      },
    })
    const { workspace } = world([granted('t1'), new Response(endless)])
    await expect(workspace.run('1')).rejects.toThrow(/more than 1000 bytes/)
    expect(pulled).toBeLessThan(6)
  })

  test('a response of another API is an error, not a running run', async () => {
    const { workspace } = world([granted('t1'), json(200, { runs: [] })])
    await expect(workspace.run('1')).rejects.toThrow(/not as Jobs API 2.2 does/)
  })
})

describe('errors that a retry cannot fix', () => {
  test.each<[string, Response, string]>([
    ['a deleted job', error(400, 'INVALID_PARAMETER_VALUE', 'Job 42 does not exist.'), 'no-such-job'],
    ['the same by its code', error(404, 'RESOURCE_DOES_NOT_EXIST'), 'no-such-job'],
    [
      'no permission',
      error(403, 'PERMISSION_DENIED', 'User does not have Manage Run permissions'),
      'permission-denied',
    ],
    [
      'a lack of rights that speaks of tokens',
      error(403, 'PERMISSION_DENIED', 'no token permissions'),
      'permission-denied',
    ],
    ['parameters', error(400, 'INVALID_PARAMETER_VALUE', 'Job parameters [x] are not defined'), 'invalid-parameters'],
    ['another address', new Response('<html>', { status: 404 }), 'databricks-refused'],
    [
      'a redirect',
      new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
      'databricks-refused',
    ],
  ])('%s is refused with advice', async (_name, answer, code) => {
    const { workspace, calls } = world([granted('t1'), answer])
    const refused = await workspace.runNow(start).catch((cause: unknown) => cause as Refused)
    expect(refused).toMatchObject({ name: 'Refused', code, detail: { subject: 'job 42', advice: expect.any(String) } })
    expect(calls).toHaveLength(2)
  })

  test('a deleted run is refused', async () => {
    const { workspace } = world([granted('t1'), error(400, 'INVALID_PARAMETER_VALUE', 'Run 7 does not exist.')])
    await expect(workspace.run('7')).rejects.toMatchObject({ code: 'no-such-run' })
  })

  test('a redirect says where it leads, and is not repeated', async () => {
    const redirect = new Response('', { status: 302, headers: { location: 'https://sso.example/login?state=1' } })
    const { workspace, calls } = world([granted('t1'), redirect])
    await expect(workspace.run('7')).rejects.toMatchObject({
      code: 'databricks-refused',
      detail: { advice: expect.stringContaining('It redirects to https://sso.example/login. If that is a log-in') },
    })
    expect(calls).toHaveLength(2)
  })

  test('temporary errors are retryable, whatever their status', async () => {
    for (const answer of [error(409, 'RESOURCE_CONFLICT'), error(400, 'TEMPORARILY_UNAVAILABLE')])
      await expect(world([granted('t1'), answer]).workspace.run('7')).rejects.toThrow(Unavailable)
  })
})

test('an id beyond 2^53 keeps its digits', async () => {
  const { workspace } = world([granted('t1'), new Response('{"run_id": 9223372036854775807}')])
  expect(await workspace.runNow(start)).toEqual({ runId: '9223372036854775807' })
})

describe('the hosts that credentials may be sent to', () => {
  const given = {
    secret: SECRET,
    secrets: secretsTwin({ [SECRET]: OAUTH }),
    http: httpClient({ tries: 1 }),
    now: Date.now,
  }

  test.each([
    'https://u:hush@dbc-1.cloud.databricks.com',
    'https://dbc-1.cloud.databricks.com/?token=hush',
    'u:hush@x',
  ])('%j is refused, and its credentials are not repeated', (host) => {
    expect(() => databricks({ ...given, host })).toThrow(expect.objectContaining({ code: 'insecure-host' }))
    expect(() => databricks({ ...given, host })).not.toThrow(/hush/)
  })

  test.each(['http://dbc-1.cloud.databricks.com', 'http://10.0.0.1', 'ftp://x', 'dbc-1.cloud.databricks.com', ''])(
    '%j is refused',
    (host) => {
      expect(() => databricks({ ...given, host })).toThrow(expect.objectContaining({ code: 'insecure-host' }))
    },
  )

  test('an untrusted certificate ends the call before credentials are sent', async () => {
    const server = createTlsServer(selfSigned, () => {
      throw new Error('a request came through')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await expect(databricks({ ...given, host: `https://127.0.0.1:${port}` }).run('1')).rejects.toThrow(
      /SELF_SIGNED|self-signed/,
    )
    await new Promise((resolve) => server.close(resolve))
  })

  test('a redirect to another host is not followed', async () => {
    let reached = 0
    const elsewhere = createServer((_request, response) => {
      reached += 1
      response.end('{}')
    })
    const server = createServer((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${(elsewhere.address() as { port: number }).port}/` }).end()
    })
    await Promise.all(
      [server, elsewhere].map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))),
    )
    const { port } = server.address() as { port: number }
    await expect(databricks({ ...given, host: `http://127.0.0.1:${port}` }).run('1')).rejects.toMatchObject({
      code: 'no-token',
      detail: { advice: expect.stringMatching(/redirects to http:\/\/127\.0\.0\.1:\d+\/\. Correct databricks\.host/) },
    })
    expect(reached).toBe(0)
    await Promise.all([server, elsewhere].map((one) => new Promise((resolve) => one.close(resolve))))
  })
})
