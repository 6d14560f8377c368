import { expect, test } from '@jest/globals'
import type { Accepted } from '../../infra/accepted-findings.ts'
import { complaints, type Finding } from '../../scripts/checkov.ts'

const rows: readonly Accepted[] = [
  { rule: 'CKV_1', on: /^Ledger$/, mendedByKey: true, why: 'a key of AWS' },
  { rule: 'CKV_2', on: /Queue$/, why: 'because' },
]
const finding = (rule: string, on: string, hasKey = false): Finding => ({
  rule,
  says: 'Ensure',
  on,
  template: 't',
  hasKey,
})
const both = [finding('CKV_1', 'Ledger'), finding('CKV_2', 'JobQueue', true)]

test('findings that have a row with the reason pass', () => {
  expect(complaints(both, rows)).toEqual([])
})

test('a finding without a row fails, also if its rule or its resource has one', () => {
  const found = [finding('CKV_3', 'Ledger'), finding('CKV_2', 'Ledger'), finding('CKV_2', 'JobQueuePolicy')]
  expect(complaints([...both, ...found], rows)).toEqual([
    't: Ledger: CKV_3: Ensure',
    't: Ledger: CKV_2: Ensure',
    't: JobQueuePolicy: CKV_2: Ensure',
  ])
})

test('what a key mends is not accepted in a lake with a key', () => {
  expect(complaints([...both, finding('CKV_1', 'Ledger', true)], rows)).toEqual(['t: Ledger: CKV_1: Ensure'])
})

test('a row that nothing needs any more fails', () => {
  expect(complaints(both.slice(0, 1), rows)).toEqual([
    'infra/accepted-findings.ts: CKV_2 on /Queue$/: no template needs this row',
  ])
})
