import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { JsonLimit, parseJson } from '../../src/core/json.ts'
import { httpClient } from '../../src/http/http.ts'

/** Texts full of what the count has to pass over. */
const text = fc.string({ unit: fc.constantFrom('"', '\\', ',', '[', '{', ']', '}', 'a', '\n', 'é') })
/** Longer than what is parsed without a count. */
const long = fc.json({ stringUnit: 'grapheme' }).map((json) => JSON.stringify([JSON.parse(json), ' '.repeat(1100)]))
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    fc.oneof(text, fc.integer(), fc.constant(null)),
    fc.array(tie('any'), { maxLength: 6 }),
    fc.dictionary(text, tie('any'), { maxKeys: 6 }),
  ),
})).any

/** Lists and objects, and the commas between their items. */
function sizeOf(of: unknown): { values: number; depth: number } {
  if (typeof of !== 'object' || of === null) return { values: 0, depth: 0 }
  const inner = Object.values(of).map(sizeOf)
  return {
    values: inner.reduce((sum, each) => sum + each.values, Math.max(1, inner.length)),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  }
}

describe('JSON of others', () => {
  test('within the limits it is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          long,
          value.map((of) => JSON.stringify([of, ' '.repeat(1100)])),
        ),
        (json) => {
          expect(parseJson(json)).toStrictEqual(JSON.parse(json))
        },
      ),
    )
  })

  test('is refused from the first level and the first value beyond a limit on', () => {
    fc.assert(
      fc.property(value, fc.boolean(), (of, isPretty) => {
        const padded = [of, ' '.repeat(1100)]
        const json = JSON.stringify(padded, null, isPretty ? 2 : 0)
        const { values, depth } = sizeOf(padded)
        expect(parseJson(json, { values, depth, size: json.length })).toStrictEqual(JSON.parse(json))
        expect(() => parseJson(json, { values: values - 1 })).toThrow(JsonLimit)
        expect(() => parseJson(json, { depth: depth - 1 })).toThrow(JsonLimit)
        expect(() => parseJson(json, { size: json.length - 1 })).toThrow(JsonLimit)
      }),
    )
  })

  test.each([
    ['brackets', '['.repeat(4_900_000)],
    ['lists within each other', `${'['.repeat(2_400_000)}${']'.repeat(2_400_000)}`],
    ['empty objects', `[${'{},'.repeat(1_600_000)}{}]`],
  ])('an answer of %s does not take the memory of its reader', async (_what, body) => {
    const http = httpClient({ fetch: async () => new Response(body), tries: 1, random: () => 0 })
    const before = process.memoryUsage().heapUsed
    await expect(http.send('https://registry.example', { method: 'GET', headers: {} })).rejects.toThrow(/not JSON/)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
  })
})
