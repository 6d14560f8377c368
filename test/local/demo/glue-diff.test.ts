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

describe('the difference between two Glue records', () => {
  const before = record({ a: 'int', b: 'string' })

  test.each<[string, Table | undefined, Table | undefined, string]>([
    ['a new table', undefined, before, 'created with 2 columns'],
    ['a dropped table', before, undefined, 'gone'],
    ['a table that was never there', undefined, undefined, 'not there'],
    ['a table that was not written', before, before, 'unchanged'],
    [
      'a write that changes no column',
      before,
      record({ a: 'int', b: 'string' }, { VersionId: '2' }),
      'written, same columns',
    ],
    [
      'columns added, dropped and retyped',
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
])('%d ms is printed as %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
