import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { batchesOf } from '../../../cli/queues.ts'
import { type GivenUp, reasonsIn, redrive } from '../../../cli/redrive/redrive.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { memoryQueues } from '../queues.twin.ts'

function world() {
  const queues = memoryQueues()
  queues.make('q-catalog', 'q-catalog-dlq', 'q-commits', 'q-commits-dlq')
  const told: GivenUp[] = []
  const run = (
    options: { dryRun?: boolean; max?: number; reasons?: ReadonlyMap<string, string> } = {},
    names: readonly string[] = ['commits', 'catalog', 'job'],
  ) =>
    redrive(names, queues, {
      dryRun: false,
      max: Infinity,
      reasons: new Map(),
      queueOf: (name) => `q-${name}`,
      tell: (message) => told.push(message),
      ...options,
    })
  return { queues, told, run }
}

const bodies = (count: number) => Array.from({ length: count }, (_, i) => `{"n":${i}}`)

describe('redrive', () => {
  test('every message goes back to the queue it came from, as it was', async () => {
    const { queues, told, run } = world()
    for (const body of bodies(23)) queues.put('q-catalog-dlq', body)
    queues.put('q-commits-dlq', '{"an":"event"}')
    expect(await run()).toEqual({ found: 24, moved: 24 })
    expect(queues.bodies('q-catalog').sort()).toEqual(bodies(23).sort())
    expect(queues.bodies('q-commits')).toEqual(['{"an":"event"}'])
    expect([queues.bodies('q-catalog-dlq'), queues.bodies('q-commits-dlq'), told.length]).toEqual([[], [], 24])
  })

  test('each is shown with the reason that its function recorded, by queue and message', async () => {
    const { queues, told, run } = world()
    const id = queues.put('q-catalog-dlq', '{}', {}, 1_000)
    queues.put('q-commits-dlq', '{}')
    const ledger = memoryLedger()
    const gaveUp = { source: 'catalog', code: 'gave-up', about: id, reason: 'after 10 tries: Glue is down' }
    await ledger.reject(gaveUp, 5)
    await ledger.reject({ ...gaveUp, source: 'job', reason: 'of another queue' }, 5)
    await ledger.reject({ ...gaveUp, code: 'not-json', reason: 'of another kind' }, 5)
    await run({ reasons: reasonsIn(await ledger.rejections()) })
    expect(told).toEqual([
      { queue: 'commits', id: 'm2', sent: '1970-01-01T00:00:00.000Z', reason: null, body: '{}' },
      { queue: 'catalog', id, sent: '1970-01-01T00:00:01.000Z', reason: 'after 10 tries: Glue is down', body: '{}' },
    ])
  })

  test("what EventBridge could not deliver says so in EventBridge's words", async () => {
    const { queues, told, run } = world()
    queues.put('q-commits-dlq', '{}', {
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'the queue said no',
      RULE_ARN: 'arn:aws:events:eu-west-1:1:rule/landfall/commits',
    })
    await run()
    expect(told[0]!.reason).toBe(
      'EventBridge could not deliver it by the rule landfall/commits: NO_PERMISSIONS the queue said no',
    )
  })

  test('a dry run shows each once, and leaves all where anyone can have them', async () => {
    const { queues, told, run } = world()
    for (const body of bodies(23)) queues.put('q-catalog-dlq', body)
    expect(await run({ dryRun: true })).toEqual({ found: 23, moved: 0 })
    expect(new Set(told.map(({ id }) => id)).size).toBe(23)
    expect(await queues.depth('q-catalog-dlq')).toEqual({ waiting: 23, atWork: 0 })
    expect(queues.bodies('q-catalog')).toEqual([])
  })

  test('no more than asked for are moved, over all queues', async () => {
    const { queues, run } = world()
    for (const body of bodies(3)) queues.put('q-commits-dlq', body)
    for (const body of bodies(15)) queues.put('q-catalog-dlq', body)
    expect(await run({ max: 14 })).toEqual({ found: 14, moved: 14 })
    expect(await queues.depth('q-catalog-dlq')).toEqual({ waiting: 4, atWork: 0 })
  })

  test('wherever it breaks, no message is lost, and a second call finds the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (count, taken, removals) => {
          const { queues, run } = world()
          for (const body of bodies(count)) queues.put('q-catalog-dlq', body)
          const everywhere = () => new Set([...queues.bodies('q-catalog'), ...queues.bodies('q-catalog-dlq')])
          queues.faults.takes = () => taken.next().value as boolean
          queues.faults.remove = () => {
            if (removals.next().value === 0) throw new Error('SQS is down')
          }
          for (let tries = 0; tries < 3; tries++) {
            await run().catch(() => undefined)
            expect(everywhere().size).toBe(count)
            queues.clock.seconds += 301
          }
          queues.faults.takes = () => true
          queues.faults.remove = () => {}
          await run()
          expect(new Set(queues.bodies('q-catalog'))).toEqual(new Set(bodies(count)))
          expect(queues.bodies('q-catalog-dlq')).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })

  test('big messages are sent in calls that SQS takes', () => {
    const of = (...kilobytes: number[]) =>
      batchesOf(
        kilobytes.map((kb, i) => ({ id: `${i}`, receipt: '', sent: 0, attributes: {}, body: 'é'.repeat(kb * 500) })),
      ).map((batch) => batch.length)
    expect(of()).toEqual([])
    expect(of(...Array.from({ length: 21 }, () => 1))).toEqual([10, 10, 1])
    expect(of(200, 40, 20, 250, 1)).toEqual([2, 1, 1, 1])
  })
})
