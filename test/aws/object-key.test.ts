import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodedKey } from '../../src/aws/object-key.ts'

/** As Java's `URLEncoder`, which S3 uses: a space is a plus. */
const encoded = (key: string): string => new URLSearchParams({ key }).toString().slice('key='.length)

test('every key is decoded to itself, also if a space is written as %20', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (key) => {
      expect(decodedKey(encoded(key))).toBe(key)
      expect(decodedKey(encodeURIComponent(key))).toBe(key)
    }),
    { seed: 20_261_129, numRuns: 2_000 },
  )
})

test('whatever a listing says, it is text or nothing, and never an error', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('%', '%C3', '%A9', '%ED%A0%80', '%00'),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const key = decodedKey(pieces.join(''))
      expect(key === undefined || key.isWellFormed()).toBe(true)
    }),
    { seed: 20_261_129, numRuns: 5_000 },
  )
  expect(['%', '%4', '%C3', '%ff', '%ED%A0%80'].map(decodedKey)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
