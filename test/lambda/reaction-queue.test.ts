import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseWake } from '../../src/core/messages.ts'
import { merge } from '../../src/lambda/reaction-queue.ts'

const detail = { lake: 'flights', table: 'flights', location: 's3://lake/flights', format: 'delta', version: 3 }

describe('the queue of a reaction', () => {
  test('reads a fact from the bus as a wake-up for its version', () => {
    expect(parseWake({ version: '0', id: 'x', 'detail-type': 'Table Changed', source: 'landfall', detail })).toEqual({
      subject: 'table/flights',
      version: 3,
    })
  })

  test('reads the wake-up of a sweep, which is full and has no version', () => {
    expect(parseWake({ subject: 'table/flights', full: true })).toEqual({ subject: 'table/flights', full: true })
  })

  test.each([
    ['another fact', { 'detail-type': 'Run Failed', detail }],
    ['a negative version', { 'detail-type': 'Table Changed', detail: { ...detail, version: -1 } }],
    [
      'a version that a double cannot hold',
      { 'detail-type': 'Table Changed', detail: { ...detail, version: 2 ** 60 } },
    ],
    ['an empty subject', { subject: '' }],
    ['an unknown key', { subject: 'table/x', force: true }],
    ['nothing', null],
  ])('refuses %s', (_what, message) => {
    expect(() => parseWake(message)).toThrow(/neither a 'Table Changed' nor a wake-up/)
  })

  test('refuses in one line, with the path and what was expected', () => {
    expect(() => parseWake({ 'detail-type': 'Table Changed', detail: { ...detail, version: 'x' } })).toThrow(
      /^a message is neither a 'Table Changed' nor a wake-up: [^\n]+$/,
    )
  })

  test('merges wake-ups in any order, and keeps each subject, its newest version and whether one was full', () => {
    const wake = fc.record(
      { subject: fc.constantFrom('table/a', 'table/b', 'table/c'), version: fc.nat(9), full: fc.boolean() },
      { requiredKeys: ['subject'] },
    )
    fc.assert(
      fc.property(fc.array(wake), (wakes) => {
        const merged = merge(wakes)
        expect(new Set(merged.keys())).toEqual(new Set(wakes.map(({ subject }) => subject)))
        for (const [subject, one] of merged) {
          const mine = wakes.filter((other) => other.subject === subject)
          const versions = mine.flatMap(({ version }) => version ?? [])
          expect(one.version).toBe(versions.length === 0 ? undefined : Math.max(...versions))
          expect(one.full === true).toBe(mine.some(({ full }) => full === true))
        }
      }),
      { seed: 20_261_122 },
    )
  })
})
