import { sha256 } from '../../../src/node/sha256.ts'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { endpointFault, endpointPattern, percentOf } from '../../../src/reactions/deployment/model-names.ts'
import { configName, configPrefix } from '../../../src/reactions/deployment/resource-names.ts'
import { modelOf } from '../../world/model-builder.ts'

const version = { version: '7', source: 'models:/m-1' }

test('every name is valid in SageMaker, and has the prefix that the function has rights on', () => {
  const endpoint = fc.stringMatching(new RegExp(endpointPattern)).filter((name) => name.length <= 63)
  fc.assert(
    fc.property(endpoint, fc.stringMatching(/^[0-9]{1,20}$/), (name, number) => {
      const made = configName(modelOf({ endpoint: { name } }), { ...version, version: number }, 'landfall-x', sha256)
      expect(made).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/)
      expect(made.startsWith(configPrefix(name, sha256))).toBe(true)
    }),
    { seed: 20_261_122 },
  )
})

test('no name has the prefix of another endpoint, even with similar or shortened names', () => {
  const part = fc.constantFrom('delay', '-v', '-', 'v2', '-long'.repeat(8), 'x')
  const endpoint = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(''))
    .filter((name) => endpointFault(name) === undefined)
  fc.assert(
    fc.property(endpoint, endpoint, (one, other) => {
      fc.pre(one !== other)
      const made = configName(modelOf({ endpoint: { name: other } }), version, 'landfall-x', sha256)
      expect(made.startsWith(configPrefix(one, sha256))).toBe(false)
    }),
    { seed: 20_261_122, numRuns: 1_000 },
  )
})

test('a name depends on what serves, and on nothing else', () => {
  const name = (over: Parameters<typeof modelOf>[0], of = version, stack = 'landfall-x') =>
    configName(modelOf(over), of, stack, sha256)
  const plain = name({})
  for (const other of [
    name({}, { ...version, source: 'models:/m-2' }),
    name({}, version, 'landfall-y'),
    // Beyond what of an endpoint's name is in it.
    name({ endpoint: { name: `${'a'.repeat(50)}-eu` } }),
    name({ endpoint: { name: `${'a'.repeat(50)}-us` } }),
    name({ registered: 'another' }),
    name({ image: 'mine:1' }),
    name({ role: 'arn:aws:iam::1:role/x' }),
    name({ environment: { A: '1' } }),
    name({ package: { bucket: 'b', prefix: 'p' } }),
    name({ endpoint: { compute: { kind: 'serverless', memory: 2048, concurrency: 5 } } }),
    name({ endpoint: { capture: { to: { bucket: 'b', prefix: 'c' }, sample: 10, json: ['a/b'], csv: ['a/c'] } } }),
    name({ endpoint: { capture: { to: { bucket: 'b', prefix: 'c' }, sample: 10, json: ['a/b'], csv: ['a/d'] } } }),
  ])
    expect(other).not.toBe(plain)
  expect(name({ endpoint: { keep: 9, rollout: { kind: 'all-at-once', bake: 0 }, alarms: { errors: 1 } } })).toBe(plain)
  expect(name({ environment: { A: '1', B: '2' } })).toBe(name({ environment: { B: '2', A: '1' } }))
})

test('percentages', () => {
  expect(['10%', '0.5%', '100%'].map(percentOf)).toEqual([10, 0.5, 100])
  expect(['0%', '0.0%', '100.1%', '101%', '10', '%', '-1%', '1 %'].map(percentOf)).toEqual(Array(8).fill(undefined))
})
