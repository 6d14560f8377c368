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

describe('rewinding a cursor', () => {
  test('moves it before the requested version, clears state, refusal and failed run, and keeps its revision', () => {
    const until = NOW + 500_000
    expect(rewind(at(9, { state: 'm', refusal: stuck, run: { ...run, until }, wakeAt: until }), 4, 30, NOW)).toEqual({
      kind: 'rewind',
      next: { ...key, version: 3, committed: 30, done: 5, revision: 7 },
    })
  })

  test('clears a refusal even if the version is the same, and leaves a clean cursor alone', () => {
    expect(rewind(at(9, { refusal: stuck }), 10, 90, NOW)).toMatchObject({ kind: 'rewind', next: { version: 9 } })
    expect(rewind(at(9), 10, 90, NOW)).toEqual({ kind: 'unchanged' })
    expect(rewind(newCursor(key), 0, 0, NOW)).toEqual({ kind: 'unchanged' })
  })

  test('never skips versions that were not processed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 20 }), fc.integer({ min: 0, max: 20 }), (version, from) => {
        const step = rewind(at(version, { refusal: stuck }), from, 0, NOW)
        if (step.kind === 'rewind') expect(step.next.version).toBeLessThanOrEqual(version)
        else expect(step.kind).toBe('behind')
      }),
    )
  })

  test.each([
    ['is in progress outside', { ...run, externalId: '77', until: 0 }, 'running'],
    ['may be starting', run, 'running'],
    ['was abandoned before it started', { ...run, until: NOW - 1 }, 'rewind'],
    ['backs off after a failure', { ...run, attempt: 3, until: NOW + 120_001 }, 'rewind'],
  ] as const)('with a run that %s: %s', (_, run, kind) => {
    expect(rewind(at(9, { run }), 4, 30, NOW).kind).toBe(kind)
  })
})

describe('rewinding in the ledger', () => {
  const clockOf = (onSleep: () => Promise<void>) => {
    const clock = { now: NOW }
    const sleep = async (ms: number) => {
      clock.now += ms
      await onSleep()
    }
    return { now: () => clock.now, sleep, progress: () => undefined }
  }

  test('waits for the end of a run, up to the limit', async () => {
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

  test('retries when a reaction has written the cursor in the meantime', async () => {
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

  test('at any version that the log has, with the commit time of the version before', async () => {
    expect(await beginning('t', logOf(0, 9).log, 4)).toEqual({ newest: 9, committed: 30 })
    expect(await beginning('t', logOf(4, 9).log, 4)).toEqual({ newest: 9, committed: 0 })
    expect(await beginning('t', logOf(4, 9).log, 0)).toEqual({ newest: 9, committed: 0 })
  })

  test('not after the newest version, nor in a table without versions', async () => {
    expect(await beginning('t', logOf(0, 9).log, 10)).toEqual({
      problem: 't is at version 9, before 10',
      advice: 'Use --from 9 or lower.',
    })
    expect(await beginning('t', logOf(0, -1).log, 0)).toEqual({ problem: expect.stringContaining('no versions yet') })
  })

  test('not before the oldest version in the log, which it finds in few reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5_000 }), fc.nat(5_000), fc.nat(), async (oldest, more, seed) => {
        const { log, reads } = logOf(oldest, oldest + more)
        const from = 1 + (seed % (oldest - 1))
        expect(await beginning('t', log, from)).toEqual({
          problem: `the log of t no longer has version ${from}`,
          advice: `Use --from ${oldest}, or --from 0 for all live files.`,
        })
        expect(reads.length).toBeLessThanOrEqual(20)
      }),
    )
  })
})

describe('wrong usage', () => {
  const io = { out: () => {}, err: () => {}, width: 100 }

  test('a missing --from is explained', async () => {
    await expect(command.run(['uploads'], io)).rejects.toThrow('--from N is missing: the first version to reprocess')
  })

  test('--from and --reaction do not apply to an endpoint', async () => {
    for (const option of ['--from', '--reaction'])
      await expect(command.run(['endpoint/delay', option, '1'], io)).rejects.toThrow(
        '--from and --reaction do not apply to endpoint/delay',
      )
  })
})
