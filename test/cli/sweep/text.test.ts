import { describe, expect, test } from '@jest/globals'
import { Drain, subjectResult, sweepText } from '../../../cli/sweep/text.ts'
import { type Cursor, newCursor } from '../../../src/core/ledger.ts'
import { serializeState } from '../../../src/reactions/deployment/state.ts'

const cursor = (more: Partial<Cursor> = {}): Cursor => ({
  ...newCursor({ subject: 'table/flights', reaction: 'catalog' }),
  version: 7,
  done: 100,
  revision: 3,
  ...more,
})
const refusal = { code: 'x', reason: 'it needs the feature fancy', version: 7, since: 0 }
const run = { token: 't', version: 9, committed: 0, attempt: 1, until: 0 }

describe('the result of a sweep', () => {
  test.each([
    ['nothing to do', {}, 'drained', 'idle'],
    ['a record that was changed manually', { done: 200 }, 'drained', 'repaired'],
    ['a version that was missed', { version: 8, done: 200 }, 'drained', 'repaired'],
    ['repaired, while other messages keep the queue busy', { done: 200 }, 'busy', 'repaired'],
    ['not checked in time', {}, 'busy', 'waiting'],
    ['not checked, since it is paused', { refusal }, 'paused', 'paused'],
    ['refused', { refusal }, 'drained', 'refused'],
    ['a run in progress', { run }, 'drained', 'running'],
  ] as const)('%s', (_, after, queue, found) => {
    expect(subjectResult(cursor(), cursor(after), queue)).toMatchObject({ found, subject: 'table/flights' })
  })

  test('a changed model version of an endpoint is a deployment, not a repair', () => {
    const served = (version: string) => ({
      ...newCursor({ subject: 'endpoint/delay', reaction: 'deployment' }),
      state: serializeState({
        deployments: [{ config: `delay-v${version}`, version, number: 1, at: 0, capacity: '1-1', registered: 'delay' }],
      }),
    })
    const before = newCursor({ subject: 'endpoint/delay', reaction: 'deployment' })
    expect(subjectResult(before, served('1'), 'drained')).toMatchObject({ found: 'deployed', version: '1' })
    expect(subjectResult(served('1'), { ...served('1'), done: 5 }, 'drained')).toMatchObject({ found: 'repaired' })
  })

  test('a queue counts as empty after three empty polls in a row, since counts are approximate', () => {
    const drain = new Drain()
    for (const waiting of [0, 0, 1, 0, 0]) drain.see('catalog', { waiting, inFlight: 0 })
    expect(drain.isDrained('catalog')).toBe(false)
    drain.see('catalog', { waiting: 0, inFlight: 0 })
    expect(drain.isDrained('catalog')).toBe(true)
    drain.see('catalog', { waiting: 5, inFlight: 0 })
    expect(drain.isDrained('catalog')).toBe(true)
  })

  test('a message in flight keeps the queue busy', () => {
    const drain = new Drain()
    for (let i = 0; i < 9; i++) drain.see('catalog', { waiting: 0, inFlight: 1 })
    expect(drain.isDrained('catalog')).toBe(false)
  })

  test('fits 80 columns, and shows how the landing log was corrected', () => {
    const all = [subjectResult(cursor(), cursor(), 'drained'), subjectResult(cursor(), cursor({ refusal }), 'drained')]
    const answer = { woken: { catalog: 2 }, files: { uploads: { compared: 40, added: 2, removed: 1 } } }
    const lines = sweepText(answer, all, 'prod', 80)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(lines[0]).toContain('table/uploads: 2 missed files added, 1 removed (40 keys compared)')
    expect(lines.join('\n')).toMatch(/table\/flights +catalog +7 +idle/)
    expect(lines.join('\n')).toContain('it needs the feature fancy')
  })
})
