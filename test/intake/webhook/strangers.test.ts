/** Whoever is not verified gets the same answer, whatever is wrong and whether or not the path exists. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { basicAuthorization } from '../../../src/http/basic-auth.ts'
import type { Source, Sources } from '../../../src/intake/webhook/ports.ts'
import { receive } from '../../../src/intake/webhook/receive.ts'
import type { Lake, Table } from '../../../src/lake/lake.ts'
import { databricksHeaders, lake, mlflowBody, mlflowHeaders, NOW, SECRET, webhookWorld } from './world.ts'

const uploads: Table = {
  name: 'uploads',
  location: { bucket: 'raw', prefix: 'uploads' },
  format: 'json',
  partitions: [],
  job: { name: 'clean', id: 42 },
}
const of: Lake = { ...lake, tables: { uploads } }
const existing = ['/databricks/jobs', '/registries/main', '/registries/other', '/registries/workspace']
const missing = [
  '/',
  '/registries/nobody',
  '/registries/managed',
  '/registries/__proto__',
  '/databricks',
  '',
  'constructor',
]

const secret = JSON.stringify({ webhook: SECRET, notifications: { username: 'landfall', password: 'sésame' } })
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
const body = mlflowBody('model_version_alias', { name: 'churn', alias: 'champion', version: '1' })

type Headers = Record<string, string | undefined>
type Failures = 'none' | 'unusable' | 'gone' | 'throttled' | 'one throttled'

/** A world whose secrets are as `failures` says. It records which secrets are read, and how often each source verifies. */
function worldWith(failures: Failures) {
  const world = webhookWorld({ of, secret: failures === 'unusable' ? '{}' : secret })
  if (failures === 'gone') world.secrets.values.clear()
  const reads: string[] = []
  const read = world.secrets.read.bind(world.secrets)
  Object.assign(world.secrets, {
    read: (id: string) => {
      reads.push(id)
      const fails = failures === 'throttled' || (failures === 'one throttled' && id === 'other')
      return fails ? Promise.reject(throttled) : read(id)
    },
  })
  const verified: string[] = []
  const watched = Object.entries(world.ports.sources).map(([path, source]): [string, Source] => [
    path,
    {
      ...source,
      verify: (delivery) => {
        verified.push(path)
        return source.verify(delivery)
      },
    },
  ])
  const sources: Sources = Object.fromEntries(watched)
  return { ...world, reads, verified, ports: { ...world.ports, sources } }
}

/** The answer and everything else that a stranger could notice: secrets that are read and comparisons, in any order. */
async function answered(path: string, sending: { headers: Headers; body: Buffer }, failures: Failures) {
  const { ports, reads, verified, sent, deliveries } = worldWith(failures)
  const answer = await receive(path, sending, ports).catch((error: unknown) => error)
  expect([sent, deliveries.calls]).toEqual([[], 0])
  return { answer, reads: reads.sort(), verified: verified.sort() }
}

const bytes = fc.oneof(
  fc.constant(Buffer.from(body)),
  fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
  fc.constantFrom(0, 999_999, 1_000_000, 1_000_001, 5_000_000).map((size) => Buffer.alloc(size, ' ')),
)

/** Well-formed, malformed and missing headers of every sender, none of which fits a source's secret. */
const sendings = fc
  .tuple(
    bytes,
    fc.record({ id: fc.oneof(fc.uuid(), fc.string()), at: fc.constantFrom(0, -300, 300, -301, 1e9, -1e9) }),
    fc.constantFrom('wrong', ''),
    fc.subarray(['mlflow', 'databricks', 'basic', 'odd'] as const),
    fc.dictionary(
      fc.constantFrom('x-mlflow-delivery-id', 'x-mlflow-timestamp', 'x-mlflow-signature', 'x-databricks-signature'),
      fc.oneof(fc.string(), fc.constant(undefined)),
    ),
    fc.oneof(
      fc.string(),
      fc.string().map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
      fc.constantFrom('basic', 'BASIC ====', 'Basic bGFuZGZhbGw', 'Bearer x'),
    ),
  )
  .map(([body, { id, at }, wrong, kinds, odd, authorization]) => {
    const of: Record<string, Headers> = {
      mlflow: mlflowHeaders(body, { id, at: NOW / 1000 + at, secret: wrong }),
      databricks: databricksHeaders(body, wrong),
      basic: { authorization },
      odd,
    }
    return { headers: Object.assign({}, ...kinds.map((kind) => of[kind])) as Headers, body }
  })

const failures = fc.constantFrom<Failures[]>('none', 'unusable', 'gone', 'throttled', 'one throttled')

describe('a stranger', () => {
  test('learns nothing about paths: every one gives the same answer with the same work', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(sendings, failures, async (sending, failing) => {
        const expected = await answered('/registries/nobody', sending, failing)
        for (const path of [...existing, ...missing]) expect(await answered(path, sending, failing)).toEqual(expected)
        const failed = expected.answer === throttled
        expect(failed || expected.answer === 401).toBe(true)
        if (failed) expect(['throttled', 'one throttled']).toContain(failing)
        seen.add(`${failing}: ${failed ? 'failed' : '401'}, ${expected.reads.length > 0 ? 'reads' : 'no reads'}`)
      }),
      { numRuns: 1_000, seed: 20_261_129 },
    )
    // Otherwise the property would prove little.
    expect([...seen].sort()).toEqual([
      'gone: 401, no reads',
      'gone: 401, reads',
      'none: 401, no reads',
      'none: 401, reads',
      'one throttled: 401, no reads',
      'one throttled: 401, reads',
      'one throttled: failed, reads',
      'throttled: 401, no reads',
      'throttled: failed, reads',
      'unusable: 401, no reads',
      'unusable: 401, reads',
    ])
  })

  test.each([...existing, ...missing])('gets the error of a source that breaks, also at %s', async (path) => {
    const { ports } = worldWith('none')
    const broken = new TypeError('a bug')
    const sources = {
      ...ports.sources,
      '/registries/other': { ...ports.sources['/registries/other']!, verify: () => Promise.reject(broken) },
    }
    await expect(receive(path, { headers: {}, body: Buffer.from(body) }, { ...ports, sources })).rejects.toBe(broken)
  })

  test('gets 401 for a body that is too large, whatever its headers, and none of it is verified', async () => {
    const { ports, verified } = worldWith('none')
    const large = Buffer.alloc(1_000_001, ' ')
    for (const path of [...existing, ...missing])
      for (const headers of [{}, mlflowHeaders(large), databricksHeaders(large)])
        expect(await receive(path, { headers, body: large }, ports)).toBe(401)
    expect(verified).toEqual([])
  })

  test('cannot have anything parsed: no body is read before it was verified', async () => {
    const { ports, verified } = worldWith('none')
    const unread: Sources = Object.fromEntries(
      Object.entries(ports.sources).map(([path, source]) => [
        path,
        {
          ...source,
          read: () => {
            throw new Error('it was parsed')
          },
        },
      ]),
    )
    const headers = { ...mlflowHeaders(body, { secret: 'wrong' }), ...databricksHeaders(body, 'wrong') }
    for (const path of existing)
      for (const each of [body, '{nonsense', ''])
        expect(await receive(path, { headers, body: Buffer.from(each) }, { ...ports, sources: unread })).toBe(401)
    expect(verified.length).toBe(existing.length * existing.length * 3)
  })
})

describe('a genuine sender', () => {
  const at = [
    ['/registries/main', mlflowHeaders(body)],
    ['/registries/workspace', databricksHeaders(body)],
    ['/databricks/jobs', { authorization: basicAuthorization('landfall', 'sésame') }],
  ] as const

  test.each(at)('at %s delivers again if its secret cannot be read at the moment', async (path, headers) => {
    const { ports } = worldWith('throttled')
    await expect(receive(path, { headers, body: Buffer.from(body) }, ports)).rejects.toBe(throttled)
  })

  test.each(at)('at %s is not held up by the secret of another source', async (path, headers) => {
    const { ports, verified, reads } = worldWith('one throttled')
    expect([204, 400]).toContain(await receive(path, { headers, body: Buffer.from(body) }, ports))
    expect([verified, reads.length]).toEqual([[path], 1])
  })

  test('of one source is a stranger at any other', async () => {
    const { ports } = worldWith('none')
    for (const [path, headers] of at)
      for (const other of [...existing, ...missing])
        if (other !== path)
          expect([other, await receive(other, { headers, body: Buffer.from(body) }, ports)]).toEqual([other, 401])
  })
})
