import { describe, expect, test } from '@jest/globals'
import { resolveLake } from '../../../src/reactions/declaration/resolve.ts'
import { subjectsOf } from '../../../src/reactions/index.ts'

/** The tables that are announced by this lake.yml, or its first problem. */
function announced(all: string, ...tables: string[]): string[] | string | undefined {
  const named = tables.map((says, i) => `  t${i}: { location: 's3://flights/t${i}', format: delta${says} }`)
  const text = ['lake: flights', all, 'buckets: { b: flights }', 'tables:', ...named].join('\n')
  const resolved = resolveLake(text, 'lake.yml')
  return 'lake' in resolved ? subjectsOf('announce', resolved.lake) : resolved.problems[0]?.message
}

const [yes, no] = [', announce: true', ', announce: false']

describe('announce in lake.yml', () => {
  test('is off by default, and a table may enable it', () => {
    expect(announced('', '', yes, no)).toEqual(['table/t1'])
  })

  test('can be enabled for all tables, and a table may disable it', () => {
    expect(announced('announce: true', '', yes, no)).toEqual(['table/t0', 'table/t1'])
    expect(announced('announce: false', '', yes)).toEqual(['table/t1'])
  })

  test('is true or false', () => {
    expect(announced('announce: always', '')).toContain('true')
    expect(announced('', ', announce: {}')).toContain('true')
  })
})
