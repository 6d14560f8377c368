import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { mismatch } from '../../../../src/reactions/deployment/response-match.ts'
import { parseLake, serializeLake } from '../../../../src/lake/lake-json.ts'
import { resolveLake, resolveStages, type Resolved } from '../../../../src/reactions/declaration/resolve.ts'
import { validModels } from './model-lake.ts'

interface Sound {
  readonly models: Readonly<Record<string, object>>
  readonly registries: object
}

const valid = parse(validModels) as Sound
const settings = { seed: 20_261_122, numRuns: 500 }

type Container = Record<string | number, unknown>

/** Each map and list in `value`, itself first. */
function containers(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Container, ...Object.values(value).flatMap(containers)]
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(null, '', ' ', 0, -1, 1.5, 1e21, Number.NaN, true, [], {}, [[]], { a: null }),
  fc.constantFrom('5%', '0%', '1 h', '${stage}', '${', 's3://flights-lake', 's3://flights-lake/silver/flights/x', 'v1'),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const knownKeys = [
  'alias', 'stage', 'tag', 'instance', 'instances', 'serverless', 'rollout', 'canary', 'linear', 'rolling', 'bake', 'alarms', 'capture',
  'json', 'csv', 'smoke', 'request', 'expect', 'package', 'environment', 'secret', 'server', 'databricks', 'x',
] // prettier-ignore
const keys = fc.constantFrom(...knownKeys)
const change = fc.record({ container: fc.nat(), key: fc.nat(), added: fc.option(keys), value: fc.option(strange) })

/** `models` and `registries` with a few values replaced, removed or added. */
const mangled = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes): Sound => {
  const lake = structuredClone({ models: valid.models, registries: valid.registries })
  for (const { container, key, added, value } of changes) {
    const all = containers(lake)
    const one = all[container % all.length]!
    const own = Object.keys(one)
    const at = added ?? own[key % Math.max(own.length, 1)]
    if (at === undefined) continue
    if (value === null && !Array.isArray(one)) delete one[at]
    else if (!Array.isArray(one)) one[at] = structuredClone(value)
  }
  return lake
})

/** The result is a lake that functions can read, or problems with positions inside the text. */
function isAnswer(resolved: Resolved, text: string): void {
  if ('lake' in resolved) {
    expect(parseLake(serializeLake(resolved.lake))).toEqual(resolved.lake)
    return
  }
  const lines = text.split('\n')
  expect(resolved.problems.length).toBeGreaterThan(0)
  for (const { line, column, message, expected } of resolved.problems) {
    expect(column - 1).toBeLessThanOrEqual(lines[line - 1]!.length)
    expect(`${message} ${expected}`).not.toMatch(/: undefined|\[object/)
  }
}

test('no models section makes it throw, in the file or in the overrides of a stage', () => {
  const seen = { lakes: 0, problems: 0 }
  fc.assert(
    fc.property(mangled, fc.boolean(), (part, override) => {
      const text = stringify(override ? { ...valid, stages: { prod: part } } : { ...valid, ...part })
      for (const resolved of [resolveLake(text, 'lake.yml', 'prod'), resolveStages(text, 'lake.yml')]) {
        isAnswer(resolved, text)
        seen['lake' in resolved ? 'lakes' : 'problems']++
      }
    }),
    { ...settings, numRuns: 600 },
  )
  expect(Math.min(seen.lakes, seen.problems)).toBeGreaterThan(100)
})

const json = fc
  .jsonValue({ maxDepth: 5 })
  .filter(
    (value) => value !== null && !JSON.stringify(value).includes('${') && !JSON.stringify(value).includes('__proto'),
  )
  // Like JSON text, YAML has no negative zero.
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => wholes(value).every((number) => Number.isSafeInteger(number)))

function wholes(value: unknown): number[] {
  if (typeof value === 'number') return /^-?\d+$/.test(JSON.stringify(value)) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wholes) : []
}

function withSmoke(smoke: object): Resolved {
  const { endpoint, ...delay } = valid.models.delay as { readonly endpoint: object }
  const models = { ...valid.models, delay: { ...delay, endpoint: { ...endpoint, smoke } } }
  return resolveLake(stringify({ ...valid, models }), 'lake.yml')
}

test('the request of a smoke test is kept unchanged, whatever JSON it is', () => {
  fc.assert(
    fc.property(json, (request) => {
      const resolved = withSmoke({ request })
      if ('problems' in resolved) throw new Error(resolved.problems.map(({ message }) => message).join('\n'))
      expect(parseLake(serializeLake(resolved.lake)).models.delay?.endpoint.smoke).toEqual({ request })
    }),
    settings,
  )
})

const { shape } = fc.letrec<{ shape: unknown }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>('number', 'string', 'boolean', 'null', 'any'),
    fc.array(tie('shape'), { maxLength: 1 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('shape'), { maxKeys: 3 }),
  ),
}))

/** A response that matches the shape. */
function answer(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(answer)
  if (typeof of === 'object' && of !== null)
    return Object.fromEntries(Object.entries(of).map(([key, inner]) => [key, answer(inner)]))
  return { number: 1, string: '', boolean: false, null: null, any: [] }[String(of)]
}

test('every accepted shape is matched by some response', () => {
  fc.assert(
    fc.property(shape, (expected) => {
      const resolved = withSmoke({ request: {}, expect: expected })
      if ('problems' in resolved) throw new Error(resolved.problems.map(({ message }) => message).join('\n'))
      expect(mismatch(answer(expected), resolved.lake.models.delay?.endpoint.smoke?.expect)).toBeUndefined()
    }),
    settings,
  )
})
