import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listParts, parts, selectParts, systemsOf } from '../../../local/demo/parts.ts'
import type { Part } from '../../../local/demo/part.ts'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'

const part = (name: string, after: readonly string[] = [], systems: Part['systems'] = []): Part => ({
  name,
  summary: `shows ${name}`,
  systems,
  after,
  missing: () => undefined,
  title: () => name,
  play: () => Promise.resolve(),
})
const names = (selected: readonly Part[]) => selected.map(({ name }) => name)

describe('a selection', () => {
  const from = [part('a'), part('b', ['a'], ['mlflow']), part('c', ['b'], ['mlflow', 'sagemaker']), part('d')]

  test('has all parts by default', () => expect(names(selectParts([], from))).toEqual(['a', 'b', 'c', 'd']))

  test('has the named parts and their dependencies, in the order of the list', () => {
    expect(names(selectParts(['d', 'c'], from))).toEqual(['a', 'b', 'c', 'd'])
    expect(names(selectParts(['b'], from))).toEqual(['a', 'b'])
    expect(names(selectParts(['d'], from))).toEqual(['d'])
  })

  test('starts each system that a part needs, once, and no other', () => {
    expect(systemsOf(selectParts(['c'], from))).toEqual(['mlflow', 'sagemaker'])
    expect(systemsOf(selectParts(['a', 'd'], from))).toEqual([])
  })

  test('is listed with one line per part', () => {
    expect(listParts(from.slice(0, 2))).toEqual(['a  shows a', 'b  shows b (runs after a)'])
  })
})

describe('the parts of the demo', () => {
  test('have unique names, and come after their dependencies', () => {
    expect(new Set(names(parts)).size).toBe(parts.length)
    for (const [i, { after }] of parts.entries())
      expect(names(parts.slice(0, i))).toEqual(expect.arrayContaining([...after]))
  })

  test('fit 80 columns each', () => {
    for (const line of listParts()) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('find everything that they need in the example lake', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../lake.yml'), 'utf8')
    const resolved = resolveLake(text, 'lake.yml', 'local')
    if (!('lake' in resolved)) throw new Error(JSON.stringify(resolved.problems))
    const { lake } = resolved
    expect(parts.map(({ missing }) => missing(lake))).toEqual(parts.map(() => undefined))
    for (const { title } of parts)
      for (const line of title(lake).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})
