import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decide, type NewData } from '../../../src/reactions/job/decide.ts'

const job = { name: 'clean', id: 42 }
const pending = (more: Partial<NewData>): NewData => ({
  version: 3,
  committed: 10_000,
  files: 5,
  bytes: 500,
  settings: job,
  ...more,
})

describe('when a job starts', () => {
  test.each([
    ['at once, without limits', {}, 10_000, { kind: 'start' }],
    ['not for a rearrangement, which has no new rows', { files: 0, bytes: 0 }, 99_000, { kind: 'skip' }],
    ['with enough files', { settings: { ...job, files: 5, quiet: 60_000 } }, 10_000, { kind: 'start' }],
    ['with enough bytes', { settings: { ...job, bytes: 500, quiet: 60_000 } }, 10_000, { kind: 'start' }],
    [
      'when it has been quiet long enough',
      { settings: { ...job, files: 9, quiet: 20_000 } },
      30_000,
      { kind: 'start' },
    ],
    ['not a moment before', { settings: { ...job, files: 9, quiet: 20_000 } }, 29_999, { kind: 'wait', until: 30_000 }],
    [
      'not before there is enough, without a quiet limit',
      { settings: { ...job, files: 9 } },
      9e12,
      { kind: 'wait', until: Infinity },
    ],
  ] as const)('%s', (_when, more, now, start) => {
    expect(decide(pending(more), now)).toEqual(start)
  })

  test('a wait ends in a start at its time, and is never until the past', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined })
    fc.assert(
      fc.property(
        limit,
        limit,
        limit,
        fc.nat(200_000),
        fc.nat(200_000),
        fc.nat(200_000),
        (files, bytes, quiet, count, size, now) => {
          const settings = { ...job, ...(files && { files }), ...(bytes && { bytes }), ...(quiet && { quiet }) }
          const seen = pending({ settings, files: count, bytes: size })
          const first = decide(seen, now)
          if (first.kind !== 'wait') return
          expect(first.until).toBeGreaterThan(now)
          if (first.until !== Infinity) expect(decide(seen, first.until)).toEqual({ kind: 'start' })
          expect(quiet === undefined).toBe(first.until === Infinity)
        },
      ),
      { seed: 20_261_122, numRuns: 1_000 },
    )
  })
})
