import { describe, expect, test } from '@jest/globals'
import { parseCommitKey, parseLogName } from '../../../src/tables/delta/names.ts'
import { pad, UUID } from './log-builder.ts'

describe('names in a log', () => {
  test.each([
    [`${pad(7)}.json`, { kind: 'commit', version: 7 }],
    [`_delta_log/${pad(7)}.json`, { kind: 'commit', version: 7 }],
    [`${pad(7)}.checkpoint.parquet`, { kind: 'checkpoint', version: 7 }],
    [`${pad(7)}.checkpoint.0000000002.0000000003.parquet`, { kind: 'checkpoint-part', version: 7, part: 2, parts: 3 }],
    [`${pad(7)}.checkpoint.${UUID}.json`, { kind: 'checkpoint-v2', version: 7, format: 'json' }],
    [`${pad(7)}.checkpoint.${UUID}.parquet`, { kind: 'checkpoint-v2', version: 7, format: 'parquet' }],
    [`${pad(4)}.${pad(6)}.compacted.json`, { kind: 'compaction', version: 4, to: 6 }],
    [`${pad(7)}.crc`, { kind: 'checksum', version: 7 }],
    ['_last_checkpoint', { kind: 'last-checkpoint' }],
  ])('%s is recognised', (name, expected) => {
    expect(parseLogName(name)).toEqual(expected)
  })

  test.each([
    `_staged_commits/${pad(7)}.${UUID}.json`,
    `_staged_commits/${pad(7)}.json`,
    `_sidecars/${UUID}.parquet`,
    `${pad(7)}.${UUID}.json`,
    `${pad(7)}.json.tmp`,
    `.${pad(7)}.json.crc`,
    `_commit_${UUID}.json.tmp`,
    '7.json',
    `0${pad(7)}.json`,
    'part-00000.parquet',
    `data/${pad(7)}.json`,
    `${pad(7)}.checkpoint.nouuid.json`,
    `${pad(7)}.checkpoint.parquet.tmp`,
    '',
  ])('%j is not part of the log', (name) => {
    expect(parseLogName(name)).toEqual({ kind: 'other' })
  })

  test.each([
    '99999999999999999999.json',
    `${pad(7)}.checkpoint.0000000004.0000000003.parquet`,
    `${pad(6)}.${pad(4)}.compacted.json`,
  ])('%s is impossible, so it is broken rather than unknown', (name) => {
    expect(parseLogName(name)).toMatchObject({ kind: 'broken' })
  })
})

describe('keys of commits', () => {
  test.each([
    [`silver/flights/_delta_log/${pad(12)}.json`, { tablePrefix: 'silver/flights', version: 12 }],
    [`_delta_log/${pad(0)}.json`, { tablePrefix: '', version: 0 }],
    [`a/_delta_log/b/_delta_log/${pad(3)}.json`, { tablePrefix: 'a/_delta_log/b', version: 3 }],
    [`a b/ü+%20/_delta_log/${pad(3)}.json`, { tablePrefix: 'a b/ü+%20', version: 3 }],
  ])('%s names a table and a version', (key, expected) => {
    expect(parseCommitKey(key)).toEqual(expected)
  })

  test.each([
    `t/_delta_log/_staged_commits/${pad(1)}.json`,
    `t/_delta_log/${pad(1)}.checkpoint.${UUID}.json`,
    `t/_delta_log/${pad(1)}.${pad(2)}.compacted.json`,
    `t/_delta_log/${pad(1)}.crc`,
    't/_delta_log/_last_checkpoint',
    `t/x_delta_log/${pad(1)}.json`,
    `t/_delta_log/99999999999999999999.json`,
    `t/${pad(1)}.json`,
    't/_delta_log/',
    '',
  ])('%j only looks like a commit', (key) => {
    expect(parseCommitKey(key)).toBeUndefined()
  })
})
