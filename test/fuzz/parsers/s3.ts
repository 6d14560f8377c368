import { readdirSync } from 'node:fs'
import type { Ledger } from '../../../src/core/ledger.ts'
import { s3Intake } from '../../../src/intake/s3/s3-intake.ts'
import { memoryBus } from '../../core/bus.twin.ts'
import { lakeOf } from '../../infra/lakes.ts'
import { notedQueue, quietContext, sqsEvent } from '../../lambda/function.twin.ts'
import { objectCreated } from '../../world/lake-world.ts'
import type { Bomb, Parser, Seed } from '../parser.ts'
import { fixture, text } from './fixtures.ts'

const place = 'message'
const recorded = readdirSync(new URL('../../fixtures/s3-events', import.meta.url))
  .toSorted()
  .map((name) => [name, JSON.parse(new TextDecoder().decode(fixture(`s3-events/${name}`)))] as const)
  .map(([name, { message }]: readonly [string, { readonly message: object }]) => ({ name, message }))
const commit = objectCreated('silver/table_0/_delta_log/00000000000000000007.json', 'flights-lake')

/** Their buckets are AWS's examples. One record says so; a message may have none. */
const answerOf = (message: object): string => {
  const { Event, 'detail-type': type = '' } = message as { Event?: string; 'detail-type'?: string }
  return Event !== undefined || /Tags|Restore|Storage/.test(type) ? 'read' : 'unknown-bucket'
}
const seeds: Seed[] = [
  { name: 'a commit', bytes: text(JSON.stringify(commit)), place, answer: 'published' },
  ...recorded.map(({ name, message }) => ({
    name,
    bytes: text(JSON.stringify(message)),
    place,
    answer: answerOf(message),
  })),
]

const REFUSED = ['not-json', 'not-an-s3-event']
/** SQS takes messages of 1 MiB. */
const LARGEST = 1024 * 1024 - 1000
const bomb = (name: string, make: () => string, answers: readonly string[] = REFUSED): Bomb => ({
  name,
  place,
  make: () => text(make()),
  answers,
})
const record = JSON.stringify(
  (recorded.find(({ name }) => name === 'direct-put.json')!.message as { Records: unknown[] }).Records[0],
)

export const s3: Parser = {
  name: 's3',
  lambda: 'commits',
  seeds,
  answers: ['read', 'published', 'unknown-bucket', 'unknown-table', 'format-mismatch', ...REFUSED],
  async run(input) {
    const codes: string[] = []
    const bus = memoryBus()
    const handler = s3Intake({
      name: 'commits',
      lake: lakeOf(3),
      bus,
      ledger: { reject: async ({ code }) => void codes.push(code) } satisfies Pick<
        Ledger,
        'reject'
      > as unknown as Ledger,
      queue: notedQueue(),
      context: quietContext(),
    })
    const { batchItemFailures } = await handler(sqsEvent([new TextDecoder().decode(input)]), {} as never)
    if (batchItemFailures.length > 0) return 'retried'
    return codes[0] ?? (bus.published.length > 0 ? 'published' : 'read')
  },
  bombs: [
    bomb('a MiB of brackets', () => '['.repeat(LARGEST)),
    bomb('a MiB of nested lists', () => '['.repeat(LARGEST / 2) + ']'.repeat(LARGEST / 2)),
    bomb('nested objects', () => '{"a":'.repeat(LARGEST / 6) + '0' + '}'.repeat(LARGEST / 6)),
    bomb('300,000 empty records', () => `{"Records":[${'{},'.repeat(LARGEST / 3 - 10)}{}]}`),
    bomb('a thousand records', () => `{"Records":[${Array.from({ length: 1_000 }, () => record).join(',')}]}`, [
      'unknown-bucket',
    ]),
    bomb('a key of a MiB', () => JSON.stringify(objectCreated('x'.repeat(LARGEST - 1000), 'flights-lake'))),
    bomb(
      'a key of a MiB of escapes',
      () =>
        record.replace(/"key":"[^"]*"/, `"key":"${'%25'.repeat(LARGEST / 3 - 500)}"`).replace(/^/, '{"Records":[') +
        ']}',
    ),
    bomb('a bucket with a name of a MiB', () => JSON.stringify(objectCreated('a', 'b'.repeat(LARGEST - 1000))), [
      'not-an-s3-event',
    ]),
    bomb('a MiB of keys', () => `{"detail":{${Array.from({ length: 80_000 }, (_, at) => `"k${at}":0`).join(',')}}}`),
    bomb('nothing', () => ''),
  ],
}
