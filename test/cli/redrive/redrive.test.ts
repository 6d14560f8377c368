import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { batchesOf } from '../../../cli/queues.ts'
import { type DeadLetter, reasonsIn, redrive } from '../../../cli/redrive/redrive.ts'
import { memoryLedger } from '../../core/ledger.twin.ts'
import { memoryQueues } from '../queues.twin.ts'

function world() {
  const queues = memoryQueues()
  queues.make('q-catalog', 'q-catalog-dlq', 'q-commits', 'q-commits-dlq')
  const shown: DeadLetter[] = []
  const run = (
    options: { dryRun?: boolean; max?: number; reasons?: ReadonlyMap<string, string> } = {},
    names: readonly string[] = ['commits', 'catalog', 'job'],
  ) =>
    redrive(names, queues, {
      dryRun: false,
      max: Infinity,
      reasons: new Map(),
      queueOf: (name) => `q-${name}`,
      onMessage: (message) => shown.push(message),
      ...options,
    })
  return { queues, shown, run }
}

const bodies = (count: number) => Array.from({ length: count }, (_, i) => `{"n":${i}}`)

describe('redrive', () => {
  test('requeues every message unchanged to its original queue', async () => {
    const { queues, shown, run } = world()
    for (const body of bodies(23)) queues.put('q-catalog-dlq', body)
    queues.put('q-commits-dlq', '{"an":"event"}')
    expect(await run()).toEqual({ found: 24, moved: 24 })
    expect(queues.bodies('q-catalog').sort()).toEqual(bodies(23).sort())
    expect(queues.bodies('q-commits')).toEqual(['{"an":"event"}'])
    expect([queues.bodies('q-catalog-dlq'), queues.bodies('q-commits-dlq'), shown.length]).toEqual([[], [], 24])
  })

  test('shows each message with the reason that its function recorded, by queue and message id', async () => {
    const { queues, shown, run } = world()
    const id = queues.put('q-catalog-dlq', '{}', {}, 1_000)
    queues.put('q-commits-dlq', '{}')
    const ledger = memoryLedger()
    const gaveUp = { source: 'catalog', code: 'gave-up', about: id, reason: 'after 10 tries: Glue is down' }
    await ledger.reject(gaveUp, 5)
    await ledger.reject({ ...gaveUp, source: 'job', reason: 'of another queue' }, 5)
    await ledger.reject({ ...gaveUp, code: 'not-json', reason: 'of another kind' }, 5)
    await run({ reasons: reasonsIn(await ledger.rejections()) })
    expect(shown).toEqual([
      { queue: 'commits', id: 'm2', sent: '1970-01-01T00:00:00.000Z', reason: null, body: '{}' },
      { queue: 'catalog', id, sent: '1970-01-01T00:00:01.000Z', reason: 'after 10 tries: Glue is down', body: '{}' },
    ])
  })

  test('shows the reason of EventBridge for an event that it could not deliver', async () => {
    const { queues, shown, run } = world()
    queues.put('q-commits-dlq', '{}', {
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'the queue said no',
      RULE_ARN: 'arn:aws:events:eu-west-1:1:rule/landfall/commits',
    })
    await run()
    expect(shown[0]!.reason).toBe(
      'EventBridge could not deliver it (rule landfall/commits): NO_PERMISSIONS the queue said no',
    )
  })

  test('a dry run shows each message once, and leaves all of them visible in the queue', async () => {
    const { queues, shown, run } = world()
    for (const body of bodies(23)) queues.put('q-catalog-dlq', body)
    expect(await run({ dryRun: true })).toEqual({ found: 23, moved: 0 })
    expect(new Set(shown.map(({ id }) => id)).size).toBe(23)
    expect(await queues.depth('q-catalog-dlq')).toEqual({ waiting: 23, inFlight: 0 })
    expect(queues.bodies('q-catalog')).toEqual([])
  })

  test('--max limits the messages over all queues', async () => {
    const { queues, run } = world()
    for (const body of bodies(3)) queues.put('q-commits-dlq', body)
    for (const body of bodies(15)) queues.put('q-catalog-dlq', body)
    expect(await run({ max: 14 })).toEqual({ found: 14, moved: 14 })
    expect(await queues.depth('q-catalog-dlq')).toEqual({ waiting: 4, inFlight: 0 })
  })

  test('loses no message wherever it fails, and a later call moves the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (count, accepted, removals) => {
          const { queues, run } = world()
          for (const body of bodies(count)) queues.put('q-catalog-dlq', body)
          const everywhere = () => new Set([...queues.bodies('q-catalog'), ...queues.bodies('q-catalog-dlq')])
          queues.faults.accepts = () => accepted.next().value as boolean
          queues.faults.remove = () => {
            if (removals.next().value === 0) throw new Error('SQS is down')
          }
          for (let tries = 0; tries < 3; tries++) {
            await run().catch(() => undefined)
            expect(everywhere().size).toBe(count)
            queues.clock.seconds += 301
          }
          queues.faults.accepts = () => true
          queues.faults.remove = () => {}
          await run()
          expect(new Set(queues.bodies('q-catalog'))).toEqual(new Set(bodies(count)))
          expect(queues.bodies('q-catalog-dlq')).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })

  test('splits big messages into calls within the limits of SQS', () => {
    const of = (...kilobytes: number[]) =>
      batchesOf(
        kilobytes.map((kb, i) => ({ id: `${i}`, receipt: '', sent: 0, attributes: {}, body: 'é'.repeat(kb * 500) })),
      ).map((batch) => batch.length)
    expect(of()).toEqual([])
    expect(of(...Array.from({ length: 21 }, () => 1))).toEqual([10, 10, 1])
    expect(of(200, 40, 20, 250, 1)).toEqual([2, 1, 1, 1])
  })
})
