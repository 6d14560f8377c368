/**
 * A million deliveries, most of them invalid in some way. The expected outcome of each is known when it is made, so the test
 * does not repeat the webhook's decisions.
 */
import { expect, test } from '@jest/globals'
import { databricksSigned, mlflowSigned } from './signed.ts'
import { NOW, recorded, SECRET, webhookWorld } from './world.ts'

const DELIVERIES = 1_000_000
const SEED = 20_261_122

/** Marsaglia's xorshift. fast-check would take longer to make the bytes than the webhook to process them. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const below = random(SEED)
const one = <T>(values: readonly T[]): T => values[below(values.length)]!
const recordings = recorded('deliveries').map(({ body }) => body)
const events = ['MODEL_VERSION_TRANSITIONED_STAGE', 'MODEL_VERSION_CREATED', 'MODEL_VERSION_TAG_SET', 'COMMENT_CREATED']
const values = [
  'null',
  '7',
  '-1e309',
  '""',
  '"churn"',
  '[]',
  '{}',
  '["churn"]',
  '{"name":"churn"}',
  'true',
  '"\\ud800"',
]

function bytes(length: number): Buffer {
  const made = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i++) made[i] = below(256)
  return made
}

/** Recorded from MLflow, or written as Databricks documents it. */
function real(): string {
  if (below(2) === 0) return one(recordings)
  const tags = '[{"key":"a","value":"b"}]'
  return `{"event":"${one(events)}","event_timestamp":${NOW},"model_name":"${one(['churn', 'other'])}","version":"${below(1e6)}","tags":${tags}}`
}

/** A real body with some bytes changed, removed or repeated. */
function mutated(): Buffer {
  const body = Buffer.from(real())
  for (let n = below(4); n > 0; n--) body[below(body.length)] = below(256)
  const [from, to] = [below(body.length), below(body.length)]
  return below(3) > 0 ? body : Buffer.concat([body.subarray(0, from), body.subarray(to)])
}

/** JSON with values of wrong types. */
function mistyped(): Buffer {
  const entity = below(3) === 0 ? one(values) : one(['"model_version"', '"model_version_tag"', '"prompt"', '"x"'])
  const data = below(2) === 0 ? one(values) : `{"name":${one(values)},"key":${one(values)},"tags":${one(values)}}`
  const fields = [`"entity":${entity}`, `"action":${one(values)}`, `"data":${data}`, `"__proto__":${one(values)}`]
  const [event, at] = [one(values), below(2) === 0 ? one(values) : String(NOW)]
  fields.push(`"event":${event}`, `"event_timestamp":${at}`, `"model_name":${one(values)}`, `"tags":${one(values)}`)
  return Buffer.from(below(20) === 0 ? one(values) : `{${fields.filter(() => below(8) > 0).join(',')}}`)
}

/** Deep nesting, large and empty bodies. */
function odd(): Buffer {
  const depth = below(2_000)
  return one([
    () => Buffer.alloc(0),
    () => Buffer.from('['.repeat(depth)),
    () => Buffer.from(`${'{"data":'.repeat(depth)}0${'}'.repeat(depth)}`),
    () => Buffer.alloc(below(5_000), ' '),
  ])()
}

const makers = [
  () => Buffer.from(real()),
  mutated,
  mutated,
  mistyped,
  mistyped,
  () => bytes(below(40)),
  () => (below(20) === 0 ? odd() : bytes(below(8))),
]

type Headers = Record<string, string | undefined>

/** Forgeries: each header missing, repeated, cut or changed, and a changed body. */
function forged(path: string, body: Buffer, id: string): { headers: Headers; body: Buffer } {
  const at = String(NOW / 1000)
  const good =
    path === '/registries/main' ? mlflowSigned(body, { id, at, secret: SECRET }) : databricksSigned(body, SECRET)
  const name = one(Object.keys(good))
  const value = good[name]!
  const letter = below(value.length)
  return one([
    () => ({
      headers:
        path === '/registries/main' ? mlflowSigned(body, { id, at, secret: 'wrong' }) : databricksSigned(body, 'wrong'),
      body,
    }),
    () => ({ headers: good, body: Buffer.concat([body, bytes(1)]) }),
    () => ({ headers: { ...good, [name]: undefined }, body }),
    () => ({ headers: { ...good, [name]: `${value},${value}` }, body }),
    () => ({ headers: { ...good, [name]: value.slice(0, letter) }, body }),
    () => ({ headers: { ...good, [name]: `${value.slice(0, letter)}\u0000${value.slice(letter + 1)}` }, body }),
    () => ({ headers: { ...good, [name]: bytes(below(80)).toString('latin1') }, body }),
    () => ({ headers: {}, body }),
    () => ({
      headers:
        path === '/registries/main' ? databricksSigned(body, SECRET) : mlflowSigned(body, { id, at, secret: SECRET }),
      body,
    }),
  ])()
}

type World = ReturnType<typeof webhookWorld>

/** Makes one delivery and returns its outcome; throws if that is not the expected one. */
async function deliverOne(world: World, i: number): Promise<string> {
  const path = one(['/registries/main', '/registries/workspace'])
  const ofMlflow = path === '/registries/main'
  const kind = one(['genuine', 'genuine', 'genuine', 'forged', 'forged', 'stale'] as const)
  const offset = kind === 'stale' ? one([-1, 1]) * (301 + below(1e9)) : below(600) - 300
  const at = NOW / 1000 + offset
  const made = one(makers)()
  const body =
    ofMlflow || kind !== 'stale'
      ? made
      : Buffer.from(made.toString('latin1').replace(/"event_timestamp":\d+/g, `"event_timestamp":${at}000`), 'latin1')
  const signed = ofMlflow ? mlflowSigned(body, { id: `id-${i}`, at, secret: SECRET }) : databricksSigned(body, SECRET)
  const sending = kind === 'forged' ? forged(path, body, `id-${i}`) : { headers: signed, body }

  const before = { sent: world.sent.length, calls: world.deliveries.calls }
  const status = await world.deliver(sending.headers, sending.body, path).catch((error: Error) => error)
  const queued = world.sent.length > before.sent
  const fine =
    kind === 'genuine' && ofMlflow
      ? status === 204 || status === 400
      : kind === 'forged' || ofMlflow
        ? status === 401
        : // Databricks' time is in the body, which may be anything.
          status === 204 || status === 400 || status === 401
  const untouched = !queued && world.deliveries.calls === before.calls
  if (!fine || (status !== 204 && !untouched) || (kind === 'stale' && !untouched))
    throw new Error(
      `seed ${SEED}, delivery ${i}: ${kind} to ${path} was answered ${String(status)}${queued ? ' and queued' : ''}: ` +
        `${JSON.stringify(sending.headers)} ${sending.body.toString('base64')}`,
    )
  if (queued && below(4) === 0) {
    const again = await world.deliver(sending.headers, sending.body, path)
    if (again !== 204 || world.sent.length !== before.sent + 1)
      throw new Error(`seed ${SEED}, delivery ${i}: sent again, it was answered ${again} and queued again`)
  }
  return `${kind} ${ofMlflow ? 'mlflow' : 'databricks'} ${String(status)}${queued ? ' queued' : ''}`
}

test('of a million deliveries, none that is forged, stale or replayed is queued, and none throws', async () => {
  const world = webhookWorld()
  const outcomes = new Map<string, number>()
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    for (let i = 0; i < DELIVERIES; i++) {
      const outcome = await deliverOne(world, i)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      world.notes.length = 0
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  const subjects = new Set(world.sent.map(([reaction, wakes]) => `${reaction} ${JSON.stringify(wakes)}`))
  expect([...subjects].sort()).toEqual([
    'deployment [{"subject":"endpoint/churn"},{"subject":"endpoint/churn-eu"}]',
    'deployment [{"subject":"endpoint/churn-workspace"}]',
  ])
  // Time stands still, and there are three secrets: forgeries caused no further reads.
  expect(world.secrets.reads).toBe(3)
  // The million contains thousands of each kind; otherwise the test would prove nothing.
  const many = [...outcomes].filter(([, count]) => count > 2_000).map(([outcome]) => outcome)
  expect(many.sort()).toEqual([
    'forged databricks 401',
    'forged mlflow 401',
    'genuine databricks 204',
    'genuine databricks 204 queued',
    'genuine databricks 400',
    'genuine mlflow 204',
    'genuine mlflow 204 queued',
    'genuine mlflow 400',
    'stale databricks 400',
    'stale databricks 401',
    'stale mlflow 401',
  ])
}, 120_000)
