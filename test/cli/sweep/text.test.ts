import { describe, expect, test } from '@jest/globals'
import { Drain, looked, sweepText } from '../../../cli/sweep/text.ts'
import { type Cursor, newCursor } from '../../../src/core/ledger.ts'

const cursor = (more: Partial<Cursor> = {}): Cursor => ({
  ...newCursor({ subject: 'table/flights', reaction: 'catalog' }),
  version: 7,
  done: 100,
  revision: 3,
  ...more,
})
const refusal = { code: 'x', reason: 'it needs the feature fancy', version: 7, since: 0 }
const run = { token: 't', version: 9, committed: 0, attempt: 1, until: 0 }

describe('what a sweep found', () => {
  test.each([
    ['all as it should be', {}, 'drained', 'idle'],
    ['a record that was changed by hand', { done: 200 }, 'drained', 'repaired'],
    ['a version that was missed', { version: 8, done: 200 }, 'drained', 'repaired'],
    ['repaired, while others keep the queue busy', { done: 200 }, 'busy', 'repaired'],
    ['not looked at in time', {}, 'busy', 'waiting'],
    ['not looked at, since it is paused', { refusal }, 'paused', 'paused'],
    ['refused', { refusal }, 'drained', 'refused'],
    ['a run under way', { run }, 'drained', 'running'],
  ] as const)('%s', (_, after, queue, found) => {
    expect(looked(cursor(), cursor(after), queue)).toMatchObject({ found, subject: 'table/flights' })
  })

  test('one empty look at a queue is not believed, since counts are approximate', () => {
    const drain = new Drain()
    for (const waiting of [0, 0, 1, 0, 0]) drain.see('catalog', { waiting, atWork: 0 })
    expect(drain.isDrained('catalog')).toBe(false)
    drain.see('catalog', { waiting: 0, atWork: 0 })
    expect(drain.isDrained('catalog')).toBe(true)
    drain.see('catalog', { waiting: 5, atWork: 0 })
    expect(drain.isDrained('catalog')).toBe(true)
  })

  test('a message that is at work is not done', () => {
    const drain = new Drain()
    for (let i = 0; i < 9; i++) drain.see('catalog', { waiting: 0, atWork: 1 })
    expect(drain.isDrained('catalog')).toBe(false)
  })

  test('fits a terminal of 80 columns, and says what the landing log lacked', () => {
    const all = [looked(cursor(), cursor(), 'drained'), looked(cursor(), cursor({ refusal }), 'drained')]
    const answer = { woken: { catalog: 2 }, files: { uploads: { compared: 40, added: 2, removed: 1 } } }
    const lines = sweepText(answer, all, 80)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(lines[0]).toContain('lacked 2 files and had 1 that are gone, in 40 keys')
    expect(lines.join('\n')).toMatch(/table\/flights +catalog +7 +idle/)
    expect(lines.join('\n')).toContain('it needs the feature fancy')
  })
})
