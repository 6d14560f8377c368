import { describe, expect, test } from '@jest/globals'
import { isBad, readStatus, statusText } from '../../../cli/status.ts'
import { newCursor } from '../../../src/ledger/ledger.ts'
import { memoryLedger } from '../../twins/ledger.ts'

const table = (name: string) => ({
  name,
  location: { bucket: 'lake', prefix: name },
  format: 'delta' as const,
  partitions: [],
  catalog: { database: 'd', table: name },
})
const lake = {
  name: 'flights',
  stage: 'prod',
  buckets: {},
  tables: { flights: table('flights'), airports: table('airports'), empty: table('empty') },
}
const key = (name: string) => ({ subject: `table/${name}`, reaction: 'catalog' })
const depth = async (queue: string) =>
  queue.includes('-job') ? undefined : { waiting: queue.endsWith('-dlq') ? 0 : 3, atWork: 1 }
const NOW = 1_700_000_600_000

async function ledger() {
  const ledger = memoryLedger()
  const done = { version: 7, committed: NOW - 60_000, done: NOW - 59_200 }
  await ledger.save({ ...newCursor(key('flights')), ...done })
  const refusal = {
    code: 'unknown-reader-feature',
    reason: 'it needs the reader feature fancy',
    advice: 'Upgrade.',
    version: 3,
    since: NOW - 300_000,
  }
  await ledger.save({ ...newCursor(key('airports')), refusal })
  return ledger
}

describe('status', () => {
  test('says of every subject how far it is, what is refused and why, and what waits', async () => {
    const status = await readStatus(lake, await ledger(), depth)
    expect(status.subjects).toMatchObject([
      { subject: 'table/flights', version: 7, lag: 800, state: 'current' },
      { subject: 'table/airports', version: null, state: 'refused', refusal: { code: 'unknown-reader-feature' } },
      { subject: 'table/empty', version: null, lag: null, state: 'new' },
    ])
    expect(status.queues).toEqual([
      { queue: 'landing', waiting: 3, atWork: 1, dead: 0 },
      { queue: 'catalog', waiting: 3, atWork: 1, dead: 0 },
    ])
    expect(isBad(status)).toBe(true)
  })

  test('is good news when nothing is refused and no message was given up, and bad when one was', async () => {
    expect(isBad(await readStatus(lake, memoryLedger(), depth))).toBe(false)
    expect(isBad(await readStatus(lake, memoryLedger(), async () => ({ waiting: 1, atWork: 0 })))).toBe(true)
  })

  test('fits a terminal of 80 columns, reasons apart', async () => {
    const it = await ledger()
    await it.reject(
      { source: 'landing', code: 'unknown-bucket', about: 'x', reason: 'no table', sample: 'a/b' },
      NOW - 5_000,
    )
    const lines = statusText(await readStatus(lake, it, depth), NOW, 80)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.join('\n')).toMatch(/table\/flights +catalog +7 +60 s ago +800 ms +current/)
    expect(lines.join('\n')).toContain('it needs the reader feature fancy')
    expect(lines.join('\n')).toContain('no table (unknown-bucket, 1×, last 5 s ago)')
  })
})
