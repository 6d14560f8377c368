import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mismatch } from '../../../src/reactions/deployment/response-match.ts'

const numbers = { predictions: ['number'] }

test.each([
  [{ predictions: [1.5, 2] }, undefined],
  [{ predictions: [1], more: true }, undefined],
  [{ predictions: [] }, 'the answer.predictions is an empty list'],
  [{ predictions: [1, 'a'] }, 'the answer.predictions[1] is "a", not number'],
  [{ predictions: 1 }, 'the answer.predictions is 1, not a list'],
  [{ predictions: [null] }, 'the answer.predictions[0] is null, not number'],
  [{}, 'the answer.predictions is missing'],
  [[1], 'the answer is [1], not an object'],
  ['x', 'the answer is "x", not an object'],
])('an answer %j is judged: %s', (value, fault) => {
  expect(mismatch(value, numbers)).toBe(fault)
})

test('property names of Object.prototype are not fields of a response', () => {
  expect(mismatch({}, { toString: 'any' })).toBe('the answer.toString is missing')
})

test('a value matches its own shape, and no comparison throws', () => {
  const shapeOf = (value: unknown): unknown =>
    Array.isArray(value)
      ? []
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]))
        : value === null
          ? 'null'
          : typeof value
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
      expect(mismatch(value, shapeOf(value))).toBeUndefined()
      mismatch(value, other)
    }),
    { seed: 20_261_122, numRuns: 2_000 },
  )
})
