import { describe, expect, test } from '@jest/globals'
import type { Lake } from '../../../src/lake/lake.ts'
import { lakeOf, lakeWithFiles } from '../lakes.ts'
import { bySid, matches, resources } from '../rights.ts'

/** The lake, with these tables announced. */
function announcing(lake: Lake, ...names: string[]): Lake {
  const tables = Object.entries(lake.tables).map(([name, table]) => [
    name,
    names.includes(name) ? { ...table, announce: true } : table,
  ])
  return { ...lake, tables: Object.fromEntries(tables) as Lake['tables'] }
}

describe('what announce is deployed with', () => {
  test('nothing in a lake that announces no table', () => {
    expect(Object.keys(resources(lakeOf(2))).filter((id) => id.startsWith('Announce'))).toEqual([])
  })

  test('it may read the logs of its tables, and neither those of others nor any data', () => {
    const { ReadLogs } = bySid(announcing(lakeOf(3), 'table_1'), 'AnnounceRole')
    const may = (key: string) =>
      (ReadLogs!.Resource as string[]).some((pattern) => matches(pattern, `s3:::flights-lake/silver/${key}`))
    expect(ReadLogs!.Action).toEqual(['s3:GetObject'])
    expect(may('table_1/_delta_log/00000000000000000000.json')).toBe(true)
    expect(may('table_0/_delta_log/00000000000000000000.json')).toBe(false)
    expect(may('table_1/part-0.parquet')).toBe(false)
  })

  test('it may publish, read landing logs, and wake itself for the rest of a backlog', () => {
    const rights = bySid(announcing(lakeWithFiles(2), 'uploads_0'), 'AnnounceRole')
    expect(rights['Bus']?.Action).toEqual(['events:PutEvents'])
    expect(rights['Ledger']?.Action).toContain('dynamodb:Query')
    expect(rights['Wake']).toEqual({
      Action: ['sqs:SendMessage'],
      Resource: [expect.stringContaining('AnnounceQueue')],
    })
    expect(rights['ReadLogs']).toBeUndefined()
  })
})
