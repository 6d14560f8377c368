import { expect, test } from '@jest/globals'
import { featuresInForce } from '../../../src/tables/delta/features.ts'

test.each([
  [1, 1, []],
  [1, 2, ['appendOnly', 'invariants']],
  [1, 4, ['appendOnly', 'changeDataFeed', 'checkConstraints', 'generatedColumns', 'invariants']],
  [2, 5, ['appendOnly', 'changeDataFeed', 'checkConstraints', 'columnMapping', 'generatedColumns', 'invariants']],
  [2, 7, ['columnMapping']],
])('reader version %i and writer version %i imply their features', (minReaderVersion, minWriterVersion, expected) => {
  expect(featuresInForce({ minReaderVersion, minWriterVersion, readerFeatures: [], writerFeatures: [] })).toEqual(
    expected,
  )
})
