import type { Bus } from '../../src/core/bus.ts'
import type { PublishedFact } from '../../src/reactions/facts.ts'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { s3Intake } from '../../src/intake/s3/s3-intake.ts'
import { landingLog } from '../../src/tables/landing/change.ts'
import type { LandingStore } from '../../src/tables/landing/landing-log.ts'
import { isData } from '../../src/tables/landing/paths.ts'
import { repair, type Repaired } from '../../src/tables/landing/repair.ts'
import { memoryBus } from '../core/bus.twin.ts'
import { notedQueue, quietContext, sqsEvent } from '../lambda/function.twin.ts'
import { memoryLedger } from '../core/ledger.twin.ts'
import type { ObjectsTwin, SaidByS3 } from '../tables/landing/table-objects.twin.ts'
import { calm, faulty, type Weather } from './faults.ts'
import { outcome } from './lake-world.ts'

/** The systems under the landing log: twins, or the emulator. */
export interface FilesGround {
  readonly store: LandingStore
  readonly bucket: ObjectsTwin
}

const BUCKET = 'histories'

export type FilesWorld = ReturnType<typeof filesWorld>

/** The path from objects to their landing log: the code of the Lambda, with a queue that repeats and reorders. */
export function filesWorld({ store, bucket }: FilesGround, name = 'uploads') {
  let [clock, sequence] = [1_700_000_000_000, 0xa0]
  const now = () => ++clock
  const prefix = `raw/${name}/`
  const table: Table = {
    name,
    location: { bucket: BUCKET, prefix: `raw/${name}` },
    format: 'json',
    partitions: ['dt'],
  }
  const lake: Lake = {
    name: 'test',
    stage: 'test',
    models: {},
    registries: {},
    buckets: { raw: { name: BUCKET, existing: false } },
    tables: { [name]: table },
  }
  const bus = memoryBus()
  const context = quietContext(now)
  const ledger = memoryLedger()
  const waiting: unknown[] = []
  const objects = bucket.objects(prefix)

  /** S3's event, with a rising sequencer of varying length. */
  function said({ type, key, size, etag, versionId, deletionType }: SaidByS3): object {
    const sequencer = `0055AED6DCD9${(++sequence).toString(16).toUpperCase()}`.replace(/0+$/, '')
    return {
      version: '0',
      'detail-type': type,
      source: 'aws.s3',
      time: '2026-11-22T00:00:00Z',
      detail: {
        version: '0',
        bucket: { name: BUCKET },
        object: { key, size, etag, 'version-id': versionId, sequencer },
        reason: type === 'Object Created' ? 'PutObject' : 'DeleteObject',
        'deletion-type': deletionType,
      },
    }
  }

  /** Takes messages by position, and runs the function `files` on them; failed ones return. */
  async function run(positions: readonly number[], weather: Weather): Promise<void> {
    const taken = [...new Set(positions.map((at) => at % Math.max(1, waiting.length)))].sort((a, b) => b - a)
    const bodies = taken.flatMap((at) => waiting.splice(at, 1))
    if (bodies.length === 0) return
    const wrap = faulty(weather.fault, weather.pause)
    const files = { store: wrap(store), objectsOf: () => wrap(objects) }
    const work = s3Intake({
      name: 'files',
      lake,
      bus: wrap<Bus>(bus),
      ledger: wrap(ledger),
      files,
      queue: notedQueue(),
      context,
    })
    const failed = await outcome(work, sqsEvent(bodies))
    waiting.push(...bodies.filter((_, i) => failed.has(String(i))))
  }

  return {
    name,
    waiting,
    run,
    store,
    bus: bus as { readonly published: readonly PublishedFact[] },
    log: landingLog(store, table),
    /** One repair run of at most `keys` keys. */
    repair(keys: number, weather: Weather = calm): Promise<Repaired> {
      const wrap = faulty(weather.fault, weather.pause)
      return repair({ store: wrap(store), objects: wrap(objects), now }, name, { keys })
    },
    put: async (key: string, body: string) => said(await bucket.put(prefix + key, body)),
    remove: async (key: string) => said(await bucket.remove(prefix + key)),
    async destroy(key: string, nth: number) {
      const done = await bucket.destroy(prefix + key, nth)
      return done && said(done)
    },
    /** What the log should have. */
    async bucket(): Promise<Map<string, number>> {
      const live = [...(await bucket.live(prefix))].map(([key, { size }]) => [key.slice(prefix.length), size] as const)
      return new Map(live.filter(([key, size]) => isData(key) && size > 0))
    },
  }
}
