import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { reasonText } from '../../src/core/refused.ts'

test('a reason keeps its text, and loses what could not be stored or would command a terminal', () => {
  expect(reasonText('column é 😀:\n\ttwo lines')).toBe('column é 😀:\n\ttwo lines')
  expect(reasonText('data/a\0b \u001b[31m\r\u009b \ud800')).toBe('data/a�b �[31m�� �')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_100 }), (text) => {
      const shown = reasonText(text)
      expect(shown.length).toBeLessThanOrEqual(2_001)
      expect(shown.isWellFormed() && !/[^\P{Cc}\t\n]/u.test(shown)).toBe(true)
    }),
    { seed: 20_261_129, numRuns: 500 },
  )
})
