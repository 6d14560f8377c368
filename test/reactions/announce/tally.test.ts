import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { type Action, add, logOf, metaData, remove, start, vector } from '../../tables/delta/log-builder.ts'
import { history, info, summaries } from './given.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_129)

/** The summary of the last of these commits. */
async function lastOf(...commits: (readonly Action[])[]) {
  return (await summaries(deltaVersions(logOf([start, ...commits])))).at(-1)!
}

describe('the summary of a commit', () => {
  test('over any range of any history, added minus removed is the difference of the two snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(20), fc.nat(20), async (commits, one, other) => {
        const store = logOf(commits)
        const [from, to] = [one % commits.length, other % commits.length].sort((a, b) => a - b) as [number, number]
        const [before, after] = [await readSnapshot(store, from), await readSnapshot(store, to)]
        const facts = (await summaries(deltaVersions(store), from)).filter(({ version }) => version <= to)
        const net = (of: 'files' | 'bytes' | 'rows') =>
          facts.reduce((sum, fact) => sum + (fact[of].added ?? NaN) - (fact[of].removed ?? NaN), 0)
        const seen = ({ totals: { files, bytes, rows } }: typeof before) => ({ files, bytes, rows: rows! })
        const [then, now] = [seen(before), seen(after)]
        expect({ files: net('files'), bytes: net('bytes'), rows: net('rows') }).toEqual({
          files: now.files - then.files,
          bytes: now.bytes - then.bytes,
          rows: now.rows - then.rows,
        })
      }),
      { numRuns: 300, seed: SEED },
    )
  }, 60_000)

  test('the partitions of any commit are those of its actions, by logical column names, each once', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (commits) => {
        const facts = await summaries(deltaVersions(logOf(commits)))
        for (const [version, { partitions }] of facts.entries()) {
          const files = commits[version]!.flatMap((action) => (action['add'] ?? action['remove'] ?? []) as Action | [])
          const days = new Set(files.map((file) => (file as { partitionValues: Action }).partitionValues['col-day']))
          expect(partitions.count).toBe(days.size)
          expect(new Set(partitions.first.map(({ day }) => day))).toEqual(days)
        }
      }),
      { numRuns: 200, seed: SEED },
    )
  }, 60_000)

  test('a deletion vector removes rows but no file', async () => {
    const [file, marked] = [add('a'), add('a', vector('v', 3))]
    expect(await lastOf([file], [remove('a', { size: 100 }), marked])).toMatchObject({
      files: { added: 0, removed: 0, updated: 1 },
      bytes: { added: 0, removed: 0 },
      rows: { added: 0, removed: 3 },
      dataChange: true,
    })
    // The actions of a commit have no order in the protocol.
    expect(await lastOf([file], [marked, remove('a', { size: 100 })])).toMatchObject({ rows: { added: 0, removed: 3 } })
  })

  test('a new vector removes the rows that the old one did not hide, and dropping it restores them', async () => {
    const [one, two] = [vector('v', 3), vector('w', 5)]
    const file = [add('a', one)]
    expect(await lastOf(file, [remove('a', one), add('a', two)])).toMatchObject({ rows: { added: 0, removed: 2 } })
    expect(await lastOf(file, [remove('a', one), add('a')])).toMatchObject({ rows: { added: 3, removed: 0 } })
  })

  test('two spellings of a path are one file', async () => {
    const fact = await lastOf([add('a%20b')], [remove('a%20b'), add('a b', vector('v', 1))])
    expect(fact).toMatchObject({ files: { added: 0, removed: 0, updated: 1 }, rows: { removed: 1 } })
  })

  test('a file with a deletion vector adds, and later removes, only its visible rows', async () => {
    const file = { ...vector('v', 4), stats: '{"numRecords":10}', size: 7 }
    expect(await lastOf([add('a', file)])).toMatchObject({ rows: { added: 6, removed: 0 } })
    expect(await lastOf([add('a', file)], [remove('a', file)])).toMatchObject({
      files: { added: 0, removed: 1, updated: 0 },
      bytes: { added: 0, removed: 7 },
      rows: { added: 0, removed: 6 },
    })
  })

  test('a number that the log lacks for any file is null, not guessed', async () => {
    expect(await lastOf([add('a'), add('b', { stats: undefined })])).toMatchObject({
      bytes: { added: 200 },
      rows: { added: null, removed: 0 },
    })
    expect(await lastOf([remove('a', { size: 5 }), remove('b')])).toMatchObject({
      files: { removed: 2 },
      bytes: { added: 0, removed: null },
      rows: { added: 0, removed: null },
    })
    const { cardinality: _, ...broken } = (vector('v') as { deletionVector: Action }).deletionVector as {
      cardinality: number
    }
    expect(await lastOf([remove('a', { deletionVector: broken }), add('a', vector('w', 2))])).toMatchObject({
      rows: { added: null, removed: null },
    })
  })

  test('a number that cannot be true is null, so that the fact stays valid', async () => {
    expect(await lastOf([add('a', { size: -1 })])).toMatchObject({ bytes: { added: null, removed: 0 } })
    const huge = { size: Number.MAX_SAFE_INTEGER, stats: `{"numRecords":${Number.MAX_SAFE_INTEGER}}` }
    expect(await lastOf([add('a', huge), add('b', huge)])).toMatchObject({
      bytes: { added: null },
      rows: { added: null },
    })
    const hidesMore = { ...vector('v', 9), stats: '{"numRecords":3}' }
    expect(await lastOf([add('a', hidesMore)], [remove('a', hidesMore)])).toMatchObject({
      rows: { added: 0, removed: null },
    })
  })

  test('a remove without partition values makes the number of partitions unknown, but only on a partitioned table', async () => {
    const table = metaData({ partitionColumns: ['day'] })
    const fact = await lastOf([table, add('a', { partitionValues: { day: 'x' } })], [remove('a')])
    expect(fact.partitions).toEqual({ count: null, first: [] })
    expect((await lastOf([add('a')], [remove('a')])).partitions).toEqual({ count: 0, first: [] })
  })

  test('OPTIMIZE and commits of metadata are not changes of data', async () => {
    const same = { dataChange: false }
    expect(await lastOf([add('a')], [info('OPTIMIZE'), remove('a', same), add('b', same)])).toMatchObject({
      operation: 'OPTIMIZE',
      dataChange: false,
      files: { added: 1, removed: 1 },
    })
    expect(await lastOf([metaData({ configuration: { a: 'b' } })])).toMatchObject({ dataChange: false })
    expect(await lastOf([add('a', same), add('b')])).toMatchObject({ dataChange: true })
  })

  test('lists the first hundred partitions, with the total', async () => {
    const files = Array.from({ length: 250 }, (_, i) => add(`f${i}`, { partitionValues: { day: String(i % 150) } }))
    const { partitions } = await lastOf([metaData({ partitionColumns: ['day'] }), ...files])
    expect(partitions.count).toBe(150)
    expect(partitions.first).toEqual(Array.from({ length: 100 }, (_, i) => ({ day: String(i) })))
  })

  test('the order of values does not matter, and an empty value is null', async () => {
    const one = add('a', { partitionValues: { day: 'x', hour: '' } })
    const other = add('b', { partitionValues: { hour: null, day: 'x' } })
    const { partitions } = await lastOf([metaData({ partitionColumns: ['day', 'hour'] }), one, other])
    expect(partitions).toEqual({ count: 1, first: [{ day: 'x', hour: null }] })
  })

  test('a commit without commitInfo has no operation', async () => {
    expect((await lastOf([add('a')])).operation).toBeNull()
  })
})
