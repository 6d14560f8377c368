import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Lake } from '../../../src/lake/lake.ts'
import { s3Intake } from '../../../src/intake/s3/s3-intake.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { notedQueue, quietContext, sqsEvent } from '../../lambda/function.twin.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'

const at = (prefix: string) => ({ bucket: 'lake', prefix })
const lake: Lake = {
  name: 'flights',
  stage: 'test',
  models: {},
  registries: {},
  buckets: { lake: { name: 'lake', existing: false } },
  tables: {
    flights: { name: 'flights', location: at('silver/flights'), format: 'delta', partitions: [] },
    uploads: { name: 'uploads', location: at('raw/uploads'), format: 'json', partitions: [] },
  },
}
const zeros = '0'.repeat(18)

function event(key: unknown, bucket: unknown = 'lake', type = 'Object Created'): object {
  return {
    version: '0',
    'detail-type': type,
    source: 'aws.s3',
    time: '2026-11-22T00:00:00Z',
    detail: { bucket: { name: bucket }, object: { key } },
  }
}

function world() {
  const [bus, ledger, context] = [memoryBus(), memoryLedger(), quietContext()]
  const run = s3Intake({ name: 'commits', lake, bus, ledger, queue: notedQueue(), context })
  return { bus, ledger, run: (bodies: unknown[]) => run(sqsEvent(bodies), undefined as never) }
}

describe('commits', () => {
  test('a commit becomes a fact with table and version, without a ledger write', async () => {
    const { bus, ledger, run } = world()
    expect(await run([event(`silver/flights/_delta_log/${zeros}42.json`)])).toEqual({ batchItemFailures: [] })
    expect(bus.published).toEqual([
      {
        type: 'Table Changed',
        detail: {
          lake: 'flights',
          table: 'flights',
          location: 's3://lake/silver/flights',
          format: 'delta',
          version: 42,
        },
      },
    ])
    expect(await ledger.rejections()).toEqual([])
  })

  test('a commit that appears twice in a batch becomes one fact', async () => {
    const { bus, run } = world()
    const commit = event(`silver/flights/_delta_log/${zeros}42.json`)
    await run([commit, commit])
    expect(bus.published).toHaveLength(1)
  })

  test.each([
    ['a staged commit', `_staged_commits/${zeros}42.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json`],
    ['a compacted log', `${zeros}01.${zeros}42.compacted.json`],
    ['a V2 checkpoint in JSON', `${zeros}42.checkpoint.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json`],
    ['a checksum', `${zeros}42.crc`],
    ['the pointer to a checkpoint', '_last_checkpoint'],
    ['a classic checkpoint', `${zeros}42.checkpoint.parquet`],
    ['a version of 19 digits', `${'0'.repeat(19)}.json`],
    ['a temporary file', `${zeros}42.json.tmp`],
  ])('%s only looks like a commit and is ignored', async (_what, name) => {
    const { bus, ledger, run } = world()
    expect((await run([event(`silver/flights/_delta_log/${name}`)])).batchItemFailures).toEqual([])
    expect(bus.published).toEqual([])
    expect(await ledger.rejections()).toEqual([])
  })

  test('a deleted commit is ignored: log clean-up deletes many', async () => {
    const { bus, run } = world()
    await run([event(`silver/flights/_delta_log/${zeros}01.json`, 'lake', 'Object Deleted')])
    expect(bus.published).toEqual([])
  })

  test.each([
    [
      'a bucket without tables',
      event('x', 'elsewhere'),
      'unknown-bucket',
      /no table of this lake is in the bucket 'elsewhere'/,
    ],
    [
      'an undeclared table',
      event(`bronze/x/_delta_log/${zeros}00.json`),
      'unknown-table',
      /s3:\/\/lake\/bronze\/x, which lake.yml does not declare/,
    ],
    [
      'a commit in a table of files',
      event(`raw/uploads/_delta_log/${zeros}00.json`),
      'format-mismatch',
      /declares as json/,
    ],
    [
      'an event without a key',
      { ...event('x'), detail: { bucket: { name: 'lake' }, object: {} } },
      'not-an-s3-event',
      /key/,
    ],
    ['an event without a bucket', { ...event('x'), detail: { object: { key: 'x' } } }, 'not-an-s3-event', /bucket/],
    ['an event of another service', { ...event('x'), source: 'aws.ec2' }, 'not-an-s3-event', /source/],
  ])('%s is recorded with its reason, and the other commit is published', async (_what, bad, code, reason) => {
    const { bus, ledger, run } = world()
    const answer = await run([bad, event(`silver/flights/_delta_log/${zeros}07.json`)])
    expect(answer.batchItemFailures).toEqual([])
    expect(await ledger.rejections()).toMatchObject([
      { source: 'commits', code, count: 1, reason: expect.stringMatching(reason) },
    ])
    expect(bus.published).toHaveLength(1)
  })

  test('ten thousand events of an undeclared table are counted in one rejection', async () => {
    const { ledger, run } = world()
    for (let i = 0; i < 100; i++)
      await run(Array.from({ length: 100 }, () => event(`bronze/x/_delta_log/${zeros}00.json`)))
    expect(await ledger.rejections()).toMatchObject([{ about: 's3://lake/bronze/x', count: 10_000 }])
  })

  test('only the event that the bus rejects is redelivered', async () => {
    const { ledger } = world()
    const bus = {
      publish: async (facts: readonly unknown[]) => facts.map((_, i) => (i === 1 ? new Error('throttled') : undefined)),
    }
    const run = s3Intake({ name: 'commits', lake, bus, ledger, queue: notedQueue(), context: quietContext() })
    const bodies = [1, 2, 3].map((n) => event(`silver/flights/_delta_log/${zeros}0${n}.json`))
    expect(await run(sqsEvent(bodies), undefined as never)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] })
  })

  test('every possible message is acknowledged, and none throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string(), fc.jsonValue()), { maxLength: 5 }), async (bodies) => {
        const { run } = world()
        expect((await run(bodies)).batchItemFailures).toEqual([])
      }),
      { numRuns: 1_000, seed: 20_261_122 },
    )
  })
})
