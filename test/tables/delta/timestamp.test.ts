import { describe, expect, test } from '@jest/globals'
import { readState } from '../../../src/tables/delta/state.ts'
import { refusal } from './given.ts'
import {
  type Action,
  classicKey,
  commitKey,
  features,
  key,
  logOf,
  metaData,
  pad,
  parquet,
  start,
  writtenAt,
} from './log-builder.ts'

const enabled = (more: Action = {}): Action =>
  metaData({ configuration: { 'delta.enableInCommitTimestamps': 'true', ...more } })
const info = (inCommitTimestamp?: number): Action => ({
  commitInfo: { timestamp: 1, operation: 'WRITE', inCommitTimestamp },
})

describe('the time of a version', () => {
  const ict = features([], ['inCommitTimestamp'])
  test('is the file’s, unless the table has in-commit timestamps', async () => {
    expect((await readState(logOf([[info(42), ...start]]))).timestamp).toBe(writtenAt(0))
    expect((await readState(logOf([[info(42), ict, enabled()]]))).timestamp).toBe(42)
  })

  test('is the file’s before the version that switched them on', async () => {
    const store = logOf([
      [info(), ict, metaData()],
      [info(), enabled({ 'delta.inCommitTimestampEnablementVersion': '2' })],
      [info(43)],
    ])
    expect((await readState(store, 1)).timestamp).toBe(writtenAt(1))
    expect((await readState(store, 2)).timestamp).toBe(43)
  })

  test('is refused, not guessed, where the commit lacks it', async () => {
    expect(await refusal(readState(logOf([[info(), ict, enabled()]])))).toMatchObject({
      code: 'no-in-commit-timestamp',
      unsupported: [commitKey(0)],
    })
  })

  test('is the checksum file’s where the commit was cleaned up', async () => {
    const store = logOf([])
    store.put(classicKey(3), parquet([ict, enabled()]), 5)
    expect((await readState(store)).timestamp).toBe(5)
    store.put(key(`${pad(3)}.crc`), '{"inCommitTimestampOpt":44}')
    expect((await readState(store)).timestamp).toBe(44)
  })
})
