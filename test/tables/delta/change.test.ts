import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../../src/core/refused.ts'
import { listCommits, readChange, readCommitState } from '../../../src/tables/delta/change.ts'
import { readState } from '../../../src/tables/delta/state.ts'
import {
  add,
  commitKey,
  features,
  key,
  logOf,
  metaData,
  pad,
  protocol,
  remove,
  start,
  UUID,
  vector,
  writtenAt,
} from './log-builder.ts'

const log = () =>
  logOf([
    [{ commitInfo: { operation: 'CREATE TABLE' } }, ...start],
    [{ commitInfo: { operation: 'WRITE' } }, add('a'), add('b')],
    [{ commitInfo: { operation: 'DELETE' } }, remove('a'), add('c%20d', { partitionValues: { day: 'x' } })],
  ])

describe('a change', () => {
  test('costs one GET a commit and no LIST', async () => {
    const store = log()
    await readChange(store, 0, 2)
    expect(store.calls).toEqual([`get ${commitKey(1)}`, `get ${commitKey(2)}`])
  })

  test('has the files that are live after it, and those that may have been live before', async () => {
    expect(await readChange(log(), 0, 2)).toEqual({
      after: 0,
      version: 2,
      timestamp: writtenAt(2),
      operation: 'DELETE',
      added: [
        { path: 'b', size: 100, partitionValues: {}, rows: 10, deletedRows: 0 },
        { path: 'c d', size: 100, partitionValues: { day: 'x' }, rows: 10, deletedRows: 0 },
      ],
      removed: [{ path: 'a' }],
      dataChange: true,
    })
  })

  test('from the beginning has protocol and metadata', async () => {
    expect(await readChange(log(), -1, 0)).toMatchObject({
      protocol: { minReaderVersion: 1 },
      metadata: { partitionColumns: [] },
      added: [],
    })
  })

  test('over more commits than are fetched at once is complete', async () => {
    const store = logOf([[...start], ...Array.from({ length: 30 }, (_, at) => [add(String(at))])])
    expect((await readChange(store, 0, 30))?.added).toHaveLength(30)
  })

  test('with commits that are missing is undefined: the caller reads the state instead', async () => {
    const store = log()
    expect(await readChange(store, 1, 3)).toBeUndefined()
    store.objects.delete(commitKey(1))
    expect(await readChange(store, 0, 2)).toBeUndefined()
    expect(await readCommitState(store, 0, 2)).toBeUndefined()
    expect(await readChange(store, 2, 2)).toBeUndefined()
  })

  test('a file with a new deletion vector is removed as one file and added as another', async () => {
    const store = logOf([
      [...start, add('a')],
      [remove('a'), add('a', vector('v', 3))],
    ])
    expect(await readChange(store, 0, 1)).toMatchObject({
      added: [{ path: 'a', deletedRows: 3, deletionVector: 'uv@1' }],
      removed: [{ path: 'a' }],
    })
  })

  test('that only rearranges rows has dataChange false, so a load has nothing to do', async () => {
    const store = logOf([
      [...start, add('a')],
      [remove('a', { dataChange: false }), add('b', { dataChange: false })],
      [add('c')],
    ])
    expect(await readChange(store, 0, 1)).toMatchObject({ dataChange: false })
    expect(await readChange(store, 0, 2)).toMatchObject({ dataChange: true })
  })

  test('has the in-commit timestamp where the commit has one', async () => {
    expect(await readChange(logOf([[{ commitInfo: { inCommitTimestamp: 42 } }, ...start]]), -1, 0)).toMatchObject({
      timestamp: 42,
    })
  })

  test('names partition columns by the metadata that is known', async () => {
    const field = {
      name: 'Day',
      type: 'string',
      nullable: true,
      metadata: { 'delta.columnMapping.physicalName': 'col-1' },
    }
    const schemaString = JSON.stringify({ type: 'struct', fields: [field] })
    const mapped = metaData({
      schemaString,
      partitionColumns: ['Day'],
      configuration: { 'delta.columnMapping.mode': 'name' },
    })
    const store = logOf([
      [protocol({ minReaderVersion: 2, minWriterVersion: 5 }), mapped],
      [add('a', { partitionValues: { 'col-1': 'x' } })],
    ])
    const { metadata } = await readState(store, 0)
    expect((await readChange(store, 0, 1, metadata))?.added).toMatchObject([{ partitionValues: { Day: 'x' } }])
    expect((await readChange(store, -1, 1))?.added).toMatchObject([{ partitionValues: { Day: 'x' } }])
  })

  test('whose commit is not JSON is refused with the file, the line and what was found', async () => {
    const store = log()
    store.put(commitKey(3), '{"commitInfo":{}}\n<html>\n')
    for (const work of [readChange(store, 2, 3), readCommitState(store, 2, 3)]) {
      const error: unknown = await work.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Refused)
      expect(error).toMatchObject({
        code: 'not-json',
        message: expect.stringContaining(`${commitKey(3)}, line 2`),
        detail: { found: expect.stringContaining('<html>') },
      })
    }
  })

  test('to a protocol that must not be read is refused by the feature’s name', async () => {
    const store = logOf([[...start], [features(['telepathy'])]])
    await expect(readChange(store, 0, 1)).rejects.toMatchObject({
      code: 'unknown-reader-feature',
      unsupported: ['telepathy'],
    })
    await expect(readCommitState(store, 0, 1)).rejects.toMatchObject({ unsupported: ['telepathy'] })
  })
})

describe('the state of a change, without its files', () => {
  test('equals that of the whole change', async () => {
    const store = logOf([...[0, 1].map(() => [...start, add('a')]), [metaData({ name: 'n' }), add('b')], [add('c')]])
    const { added, removed, dataChange, ...rest } = (await readChange(store, 0, 3))!
    expect(await readCommitState(store, 0, 3)).toEqual(rest)
    expect([added.length, removed.length, dataChange, rest.metadata?.name]).toEqual([3, 0, true, 'n'])
  })

  test('does not depend on the order of a commit’s lines', async () => {
    expect(await readCommitState(logOf([[add('a'), metaData(), remove('b'), protocol()]]), -1, 0)).toMatchObject({
      protocol: {},
      metadata: {},
    })
  })
})

describe('the commits after a version', () => {
  test('are listed from there on, once', async () => {
    const store = log()
    expect(await listCommits(store, 0)).toEqual({ version: 2, complete: true })
    expect(store.calls).toEqual([`list _delta_log/ > _delta_log/${pad(0)}.~`])
  })

  test('are distinguished from all other files of the log', async () => {
    const store = log()
    for (const name of [
      `${pad(9)}.checkpoint.parquet`,
      `${pad(9)}.checkpoint.${UUID}.json`,
      `${pad(1)}.${pad(9)}.compacted.json`,
      `_staged_commits/${pad(9)}.json`,
      `${pad(2)}.crc`,
    ])
      store.put(key(name), '')
    expect(await listCommits(store, -1)).toEqual({ version: 2, complete: true })
  })

  test('are incomplete when one is missing', async () => {
    const store = log()
    store.objects.delete(commitKey(1))
    expect(await listCommits(store, 0)).toEqual({ version: 2, complete: false })
    expect(await listCommits(store, 1)).toEqual({ version: 2, complete: true })
    expect(await listCommits(store, 2)).toEqual({ version: 2, complete: true })
    expect(await listCommits(store, 7)).toEqual({ version: 7, complete: true })
  })
})
