import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { doneText, progressText } from '../../../cli/backfill/text.ts'

const soFar = { compared: 120_000, added: 4_000, removed: 0, version: 41, after: 'dt=2026-01-01/part-7.json' }

test('progress shows rate and position, and fits any terminal', () => {
  expect(progressText(soFar, 10_000, 100)).toBe(
    '120,000 objects, 4,000 added, 12,000/s, 10 s, at dt=2026-01-01/part-7.json',
  )
  expect(progressText({ ...soFar, removed: 3 }, 10_000, 100)).toContain('3 removed')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.string(), (width, elapsed, after) => {
      expect(progressText({ ...soFar, after }, elapsed, width).length).toBeLessThanOrEqual(width)
    }),
  )
})

test('the summary of an interrupted run says how to continue', () => {
  expect(doneText('uploads', soFar, 41, 'prod').join('\n')).toContain('landfall backfill uploads --stage prod')
  const done = doneText('uploads', { ...soFar, after: undefined }, 41, 'prod')
  expect(done).toEqual([
    'uploads: 120,000 objects compared, 4,000 files added, 0 removed; the landing log is at version 41',
  ])
  expect(doneText('uploads', { ...soFar, after: undefined }, -1, 'prod')[0]).toContain('is empty')
})
