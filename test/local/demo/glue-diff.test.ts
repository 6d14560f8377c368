import { describe, expect, test } from '@jest/globals'
import type { Table } from '@aws-sdk/client-glue'
import { glueDiff } from '../../../local/demo/glue-diff.ts'
import { duration } from '../../../local/demo/screen.ts'

const record = (columns: Record<string, string>, rest: Partial<Table> = {}): Table => ({
  Name: 'flights',
  VersionId: '1',
  ...rest,
  StorageDescriptor: { Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })) },
})

describe('what the demo says of a change', () => {
  const before = record({ a: 'int', b: 'string' })

  test.each<[string, Table | undefined, Table | undefined, string]>([
    ['a new table', undefined, before, 'created with 2 columns'],
    ['a table that went', before, undefined, 'gone'],
    ['a table that never was', undefined, undefined, 'not there'],
    ['a table that nobody wrote', before, before, 'stands, no write'],
    [
      'a write that changes no column',
      before,
      record({ a: 'int', b: 'string' }, { VersionId: '2' }),
      'written, columns stand',
    ],
    [
      'columns that come, go and change',
      before,
      record({ a: 'bigint', c: 'date' }, { Description: 'x' }),
      "+ c date, - b, a: int → bigint, description 'x'",
    ],
  ])('%s', (_, was, is, said) => {
    expect(glueDiff(was, is)).toBe(said)
  })
})

test.each([
  [7, '7 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_999, '1 min 0 s'],
  [119_700, '2 min 0 s'],
])('%d ms is said as %s', (ms, said) => {
  expect(duration(ms)).toBe(said)
})
