import { describe, expect, test } from '@jest/globals'
import { isBad, readStatus } from '../../../cli/status/status.ts'
import { statusText } from '../../../cli/status/text.ts'
import { type Ledger, newCursor } from '../../../src/core/ledger.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'

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
  models: {},
  registries: {},
  buckets: {},
  tables: { flights: table('flights'), airports: table('airports'), empty: table('empty') },
}
const key = (name: string) => ({ subject: `table/${name}`, reaction: 'catalog' })
/** A lake with three messages in each queue, and one mapping of each function. */
const ports = (ledger: Ledger, { dead = 0, paused = '' } = {}) => ({
  ledger,
  queues: { depth: async (queue: string) => ({ waiting: queue.endsWith('-dlq') ? dead : 3, inFlight: 1 }) },
  mappings: {
    of: async (fn: string) => [{ id: fn, state: paused !== '' && fn.endsWith(paused) ? 'Disabled' : 'Enabled' }],
  },
})
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
  test('shows progress and refusal of every subject, and the backlog of every queue', async () => {
    const status = await readStatus(lake, ports(await ledger()))
    expect(status.subjects).toMatchObject([
      { subject: 'table/flights', version: 7, lag: 800, state: 'current' },
      { subject: 'table/airports', version: null, state: 'refused', refusal: { code: 'unknown-reader-feature' } },
      { subject: 'table/empty', version: null, lag: null, state: 'new' },
    ])
    expect(status.queues).toEqual([
      { queue: 'commits', waiting: 3, atWork: 1, dead: 0, paused: false },
      { queue: 'catalog', waiting: 3, atWork: 1, dead: 0, paused: false },
    ])
    expect(isBad(status)).toBe(true)
  })

  test('exits with 0 when nothing is refused or dead-lettered, and with 1 otherwise', async () => {
    expect(isBad(await readStatus(lake, ports(memoryLedger())))).toBe(false)
    expect(isBad(await readStatus(lake, ports(memoryLedger(), { dead: 1 })))).toBe(true)
  })

  test('a paused reaction is shown with how to resume it, and exits with 0: it was intended', async () => {
    const status = await readStatus(lake, ports(memoryLedger(), { paused: '-catalog' }))
    expect(status.queues).toMatchObject([
      { queue: 'commits', paused: false },
      { queue: 'catalog', paused: true },
    ])
    expect(statusText(status, NOW, 80).join('\n')).toContain('landfall resume catalog --stage prod')
    expect(isBad(status)).toBe(false)
  })

  test('dead-lettered messages come with the command that shows the reasons', async () => {
    const lines = statusText(await readStatus(lake, ports(memoryLedger(), { dead: 2 })), NOW, 80)
    expect(lines.join('\n')).toContain(
      'catalog: 2 messages dead-lettered\n  Show the reasons: landfall redrive catalog --dry-run --stage prod',
    )
  })

  test('a run in progress is shown', async () => {
    const ledger = memoryLedger()
    const run = { token: 't', version: 3, committed: 0, attempt: 1, until: NOW }
    await ledger.save({ ...newCursor(key('flights')), run })
    expect((await readStatus(lake, ports(ledger))).subjects[0]).toMatchObject({ state: 'running', version: null })
  })

  test('shows the id of a run in progress, and the failures and start of one that is retried', async () => {
    const ledger = memoryLedger()
    const run = { token: 't', version: 3, committed: 0, attempt: 1, until: NOW }
    await ledger.save({ ...newCursor(key('flights')), run: { ...run, externalId: '274' } })
    await ledger.save({ ...newCursor(key('airports')), version: 2, run: { ...run, attempt: 3, until: NOW + 480_000 } })
    const status = await readStatus(lake, ports(ledger))
    expect(status.subjects.map((subject) => subject.run)).toEqual([
      { id: '274', from: 0, to: 3, attempt: 1, next: null },
      { id: null, from: 3, to: 3, attempt: 3, next: new Date(NOW + 480_000).toISOString() },
      undefined,
    ])
    const text = statusText(status, NOW, 80).join('\n')
    expect(text).toContain('table/flights: catalog run 274 in progress (versions 0–3)')
    expect(text).toContain('table/airports: catalog run due in 8 min (version 3), after 2 failures')
  })

  test('of a run of several steps, says which one is in progress', async () => {
    const ledger = memoryLedger()
    const run = { token: 't', version: 3, committed: 0, attempt: 1, until: NOW, step: 1, steps: 3, externalId: '274' }
    await ledger.save({ ...newCursor(key('flights')), run })
    const status = await readStatus(lake, ports(ledger))
    expect(status.subjects[0]?.run).toMatchObject({ step: 2, steps: 3 })
    expect(statusText(status, NOW, 80)).toContain(
      'table/flights: catalog run 274 in progress (versions 0–3, step 2 of 3)',
    )
  })

  test('rejected input is shown with its table, if it has one', async () => {
    const ledger = memoryLedger()
    const misfit = { source: 'catalog-files', code: 'partition-misfit', about: 'table/uploads', reason: 'it fits none' }
    await ledger.reject(misfit, NOW)
    const text = statusText(await readStatus(lake, ports(ledger)), NOW, 80).join('\n')
    expect(text).toContain('catalog-files: table/uploads: it fits none')
  })

  test('fits 80 columns, except reasons', async () => {
    const it = await ledger()
    await it.reject(
      { source: 'commits', code: 'unknown-bucket', about: 'x', reason: 'no table', sample: 'a/b' },
      NOW - 5_000,
    )
    const lines = statusText(await readStatus(lake, ports(it)), NOW, 80)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.join('\n')).toMatch(/table\/flights +catalog +7 +60 s ago +800 ms +current/)
    expect(lines.join('\n')).toContain('it needs the reader feature fancy')
    expect(lines.join('\n')).toContain('no table (unknown-bucket, 1×, last 5 s ago)')
  })
})
