import { describe, expect, test } from '@jest/globals'
import { fitted, jsonBytes, LARGEST_FACT } from '../../../src/reactions/announce/fit.ts'
import { deltaVersions } from '../../../src/reactions/announce/delta-versions.ts'
import { decide, type ObservedVersions } from '../../../src/reactions/announce/decide.ts'
import { add, features, logOf, metaData, protocol } from '../../tables/delta/log-builder.ts'
import { flights, summaries } from './given.ts'

describe('a fact', () => {
  test('with the longest lists still fits EventBridge, and keeps its counts', async () => {
    const long = 'é'.repeat(2_000)
    const fields = Array.from({ length: 200 }, (_, i) => ({
      name: `${i}${long}`,
      type: 'long',
      nullable: true,
      metadata: { comment: long },
    }))
    const configuration = Object.fromEntries(fields.map(({ name }) => [name, long]))
    const schemaString = JSON.stringify({ type: 'struct', fields })
    const files = fields.map(({ name }, i) => add(`f${i}`, { partitionValues: { day: name } }))
    const [fact] = await summaries(
      deltaVersions(
        logOf([
          [
            protocol(
              features(
                ['columnMapping'],
                fields.map(({ name }) => name),
              )['protocol'] as object as never,
            ),
            metaData({ schemaString, configuration, partitionColumns: ['day'] }),
            ...files,
          ],
        ]),
      ),
    )
    expect(jsonBytes(fact)).toBeLessThanOrEqual(LARGEST_FACT)
    expect(fact).toMatchObject({
      partitions: { count: 200 },
      schema: { added: { count: 200 } },
      properties: { count: 200 },
    })
    expect(fact!.partitions.first.length).toBeGreaterThan(0)
  })

  test('that fits is unchanged', async () => {
    const [fact] = await summaries(deltaVersions(logOf([[protocol(), metaData(), add('a')]])))
    expect(fitted(fact!)).toBe(fact)
  })
})

describe('a batch', () => {
  const observed = (sizes: readonly number[]): ObservedVersions => ({
    version: sizes.length - 1,
    committed: 0,
    lake: 'test',
    table: flights,
    more: false,
    versions: sizes.map((size, version) => ({
      summary: {
        id: 'x'.repeat(size),
        version,
        timestamp: 0,
        operation: null,
        dataChange: true,
        files: { added: 0, removed: 0, updated: 0 },
        bytes: { added: 0, removed: 0 },
        rows: { added: 0, removed: 0 },
        partitions: { count: 0, first: [] },
      },
      reached: { version, committed: version, state: String(version) },
    })),
  })
  const batches = (sizes: readonly number[]) =>
    decide(observed(sizes)).actions.map(({ facts }) => facts.map(({ reached }) => reached.version))

  test('has at most ten facts, all versions in order', () => {
    expect(batches(Array.from({ length: 25 }, () => 1)).map(({ length }) => length)).toEqual([10, 10, 5])
    expect(batches(Array.from({ length: 25 }, () => 1)).flat()).toEqual(Array.from({ length: 25 }, (_, i) => i))
  })

  test('stays below the size limit of a call', () => {
    expect(batches([90_000, 90_000, 90_000, 1, 199_000, 1_000])).toEqual([[0, 1], [2, 3], [4], [5]])
  })

  test('starts after the versions of the batches before it', () => {
    const { actions, state } = decide(observed(Array.from({ length: 11 }, () => 1)))
    expect(actions.map(({ before }) => before?.version)).toEqual([undefined, 9])
    expect(state).toBe('10')
  })
})
