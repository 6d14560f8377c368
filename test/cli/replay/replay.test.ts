import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { command } from '../../../cli/replay/command.ts'
import { beginning, rewind, rewindCursor } from '../../../cli/replay/replay.ts'
import { type Cursor, newCursor, type Run } from '../../../src/core/ledger.ts'
import type { TableLog } from '../../../src/tables/log.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'

const key = { subject: 'table/uploads', reaction: 'job' }
const NOW = 1_000_000
const at = (version: number, more: Partial<Cursor> = {}): Cursor => ({
  ...newCursor(key),
  version,
  committed: version * 10,
  done: 5,
  revision: 7,
  ...more,
})
const run: Run = { token: 't', version: 12, committed: 0, attempt: 1, until: NOW + 60_000 }
const stuck = { code: 'stuck', reason: 'it failed', version: 9, since: 0 }

describe('a cursor that is set back', () => {
  test('stands before the version asked for, without state, refusal or failed run, and its revision goes on', () => {
    const until = NOW + 500_000
    expect(rewind(at(9, { state: 'm', refusal: stuck, run: { ...run, until }, wakeAt: until }), 4, 30, NOW)).toEqual({
      kind: 'rewind',
      next: { ...key, version: 3, committed: 30, done: 5, revision: 7 },
    })
  })

  test('that is stuck just there is set free, and one that is clean is left alone', () => {
    expect(rewind(at(9, { refusal: stuck }), 10, 90, NOW)).toMatchObject({ kind: 'rewind', next: { version: 9 } })
    expect(rewind(at(9), 10, 90, NOW)).toEqual({ kind: 'unchanged' })
    expect(rewind(newCursor(key), 0, 0, NOW)).toEqual({ kind: 'unchanged' })
  })

  test('never jumps over versions that were not taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 20 }), fc.integer({ min: 0, max: 20 }), (version, from) => {
        const step = rewind(at(version, { refusal: stuck }), from, 0, NOW)
        if (step.kind === 'rewind') expect(step.next.version).toBeLessThanOrEqual(version)
        else expect(step.kind).toBe('behind')
      }),
    )
  })

  test.each([
    ['is under way outside', { ...run, externalId: '77', until: 0 }, 'running'],
    ['may be starting', run, 'running'],
    ['was let go of before it started', { ...run, until: NOW - 1 }, 'rewind'],
    ['backs off after a failure', { ...run, attempt: 3, until: NOW + 120_001 }, 'rewind'],
  ] as const)('while a run of it %s: %s', (_, run, kind) => {
    expect(rewind(at(9, { run }), 4, 30, NOW).kind).toBe(kind)
  })
})

describe('setting back', () => {
  const clockOf = (onSleep: () => Promise<void>) => {
    const clock = { now: NOW }
    const sleep = async (ms: number) => {
      clock.now += ms
      await onSleep()
    }
    return { now: () => clock.now, sleep, progress: () => undefined }
  }

  test('waits for the end of a run for as long as it may, and no longer', async () => {
    const ledger = memoryLedger()
    await ledger.save({ ...at(9), revision: 0, run: { ...run, externalId: '77' } })
    const begin = { from: 4, committed: 30 }
    const never = await rewindCursor(
      key,
      begin,
      ledger,
      3_000,
      clockOf(async () => {}),
    )
    expect(never).toMatchObject({ outcome: 'running', why: expect.stringContaining('77') })
    expect((await ledger.cursor(key)).run?.externalId).toBe('77')
    const ends = async () => void (await ledger.save({ ...at(12), revision: (await ledger.cursor(key)).revision }))
    expect(await rewindCursor(key, begin, ledger, 3_000, clockOf(ends))).toEqual({
      reaction: 'job',
      version: 12,
      outcome: 'replays',
    })
    expect(await ledger.cursor(key)).toMatchObject({ version: 3, committed: 30 })
  })

  test('loses no race: what a reaction has recorded meanwhile is read anew', async () => {
    const ledger = memoryLedger()
    await ledger.save({ ...at(9), revision: 0 })
    let races = 2
    const racing = {
      ...ledger,
      async save(next: Cursor) {
        if (races-- > 0) await ledger.save({ ...(await ledger.cursor(key)), version: 20 - races })
        return ledger.save(next)
      },
    }
    const replayed = await rewindCursor(
      key,
      { from: 4, committed: 0 },
      racing,
      0,
      clockOf(async () => {}),
    )
    expect(replayed).toEqual({ reaction: 'job', version: 20, outcome: 'replays' })
    expect((await ledger.cursor(key)).version).toBe(3)
  })
})

describe('where a replay may begin', () => {
  /** A log that holds the versions oldest to newest, and counts the reads. */
  const logOf = (oldest: number, newest: number) => {
    const reads: number[] = []
    const log: Pick<TableLog, 'newest' | 'change'> = {
      newest: async () => newest,
      async change(after, version) {
        reads.push(version)
        if (after + 1 < oldest || version > newest) return undefined
        return { after, version, timestamp: version * 10, added: [], removed: [], dataChange: false }
      },
    }
    return { log: log as TableLog, reads }
  }

  test('anywhere that the log holds, with the time of the version before', async () => {
    expect(await beginning('t', logOf(0, 9).log, 4)).toEqual({ newest: 9, committed: 30 })
    expect(await beginning('t', logOf(4, 9).log, 4)).toEqual({ newest: 9, committed: 0 })
    expect(await beginning('t', logOf(4, 9).log, 0)).toEqual({ newest: 9, committed: 0 })
  })

  test('not beyond the newest version, nor in a table without one', async () => {
    expect(await beginning('t', logOf(0, 9).log, 10)).toEqual({ problem: expect.stringContaining('at version 9') })
    expect(await beginning('t', logOf(0, -1).log, 0)).toEqual({ problem: expect.stringContaining('no versions yet') })
  })

  test('not before what is still there, and says what is, in few reads of a long log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5_000 }), fc.nat(5_000), fc.nat(), async (oldest, more, seed) => {
        const { log, reads } = logOf(oldest, oldest + more)
        const from = 1 + (seed % (oldest - 1))
        expect(await beginning('t', log, from)).toEqual({ problem: expect.stringContaining(`--from ${oldest}, or`) })
        expect(reads.length).toBeLessThanOrEqual(20)
      }),
    )
  })
})

describe('called without what it needs', () => {
  const io = { out: () => {}, err: () => {}, width: 100 }

  test('says that a version is missing, and which it takes', async () => {
    await expect(command.run(['uploads'], io)).rejects.toThrow('--from N is missing: the first version to take again')
  })

  test('an endpoint has neither versions nor several reactions', async () => {
    for (const option of ['--from', '--reaction'])
      await expect(command.run(['endpoint/delay', option, '1'], io)).rejects.toThrow('has no versions to take again')
  })
})
