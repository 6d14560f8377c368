import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { versionFilter } from '../../src/registry/search-filter.ts'
import { fitTag, mlflowTags, unityTags } from '../../src/registry/tags.ts'

describe('tags fit', () => {
  test.each([
    ['MLflow', mlflowTags, /^[\w.\-/: ]*$/, 5000],
    ['Unity Catalog', unityTags, /^[^.,\-=/:]*$/, 1000],
  ])('the limits of %s, without cutting a character in half', (_of, rules, keys, bytes) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 3000 }), (name, text) => {
        const { key, value } = fitTag(name, text.repeat(3), rules)
        expect(key).toMatch(keys)
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(bytes)
        expect(value.isWellFormed()).toBe(true)
        expect(text.repeat(3).toWellFormed().startsWith(value)).toBe(true)
      }),
      { seed: 5 },
    )
  })

  test('unchanged into MLflow if they are Landfall’s own', () => {
    const key = 'landfall.delay-2.status'
    expect(fitTag(key, 'live', mlflowTags)).toEqual({ key, value: 'live' })
    expect(fitTag('k', 'é'.repeat(5000), mlflowTags).value).toBe('é'.repeat(2500))
  })
})

describe("a search's filter", () => {
  test.each([
    ['delay', undefined, "name = 'delay'"],
    ["carrier's", undefined, `name = "carrier's"`],
    ['so-called "delay"', undefined, `name = 'so-called "delay"'`],
    [`"it's"`, undefined, undefined],
    ['a\\', undefined, undefined],
    ['a\\b', undefined, "name = 'a\\b'"],
    ['delay', { key: 'a b', value: "it's" }, "name = 'delay' and tags.`a b` = \"it's\""],
    ['delay', { key: 'a', value: `'"` }, undefined],
    ['delay', { key: 'a`b', value: 'c' }, undefined],
  ])('of %j, %j', (name, tag, filter) => {
    expect(versionFilter(name, tag)).toBe(filter)
  })

  test('cannot be widened by a quote in a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '"', '\\', ' or ', 'a', '`', '=') }), (name) => {
        const filter = versionFilter(name)
        if (filter === undefined) return
        const quote = filter['name = '.length] as string
        expect(filter).toBe(`name = ${quote}${name}${quote}`)
        expect(name).not.toContain(quote)
        expect(name.endsWith('\\')).toBe(false)
      }),
      { seed: 5 },
    )
  })
})
