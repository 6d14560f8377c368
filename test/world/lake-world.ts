import type { SQSEvent, SQSBatchResponse } from 'aws-lambda'
import { reactionQueue } from '../../src/edge/wake.ts'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { landing } from '../../src/landing/landing.ts'
import { catalogReaction } from '../../src/reactions/catalog/index.ts'
import type { Glue, TableInput } from '../../src/reactions/catalog/glue.ts'
import { sweep } from '../../src/reactions/sweep.ts'
import { bucketTwin } from '../twins/bucket.ts'
import { memoryBus } from '../twins/bus.ts'
import { notedQueue, quietEdge, sqsEvent } from '../twins/edge.ts'
import { glueTwin } from '../twins/glue.ts'
import { memoryLedger } from '../twins/ledger.ts'
import { DeltaWriter } from './delta-writer.ts'
import { type Fault, faulty } from './faults.ts'

const table: Table = {
  name: 'flights',
  location: { bucket: 'lake', prefix: 'silver/flights' },
  format: 'delta',
  partitions: [],
  catalog: { database: 'silver', table: 'flights' },
}
const lake: Lake = {
  name: 'flights',
  stage: 'test',
  buckets: { lake: { name: 'lake', existing: false } },
  tables: { flights: table },
}

/** An S3 event as EventBridge delivers it. */
export function objectCreated(bucket: string, key: string): object {
  return {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: '2026-11-22T00:00:00Z',
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size: 1, etag: 'e', sequencer: '1' },
      reason: 'PutObject',
    },
  }
}

/** How a run of a function goes: which of its calls fail, and how long each of them takes. */
export interface Weather {
  fault(): Fault
  pause(): number
}

const calm: Weather = { fault: () => 'none', pause: () => 0 }

/**
 * The path from a Delta commit to the Glue record, on twins: the very code that the Lambdas run, with two queues between
 * that deliver at least once and in any order.
 */
export function lakeWorld() {
  let clock = 1_700_000_000_000
  const now = () => ++clock
  const bucket = bucketTwin()
  const glue = glueTwin()
  /** The versions that the record was stamped with, in order; anew when it is made anew. */
  let stamps: number[] = []
  const stamped = ({ Parameters }: TableInput) => Number(Parameters?.['delta.lastUpdateVersion'])
  const watchedGlue: Glue = {
    ...glue,
    async createTable(database, definition) {
      const created = await glue.createTable(database, definition)
      if (created === 'created') stamps = [stamped(definition)]
      return created
    },
    async updateTable(database, definition, versionId) {
      const updated = await glue.updateTable(database, definition, versionId)
      if (updated === 'updated') stamps.push(stamped(definition))
      return updated
    },
  }
  const ledger = memoryLedger()
  const bus = memoryBus()
  const edge = quietEdge(now)
  const writer = new DeltaWriter(bucket, 'silver/flights')
  /** Messages that wait, by queue. What fails goes back. */
  const queues: { landing: unknown[]; catalog: unknown[] } = { landing: [], catalog: [] }

  const landingRun = (weather: Weather) => {
    const wrap = faulty(weather.fault, weather.pause)
    return landing({ lake, bus: wrap(bus), ledger: wrap(ledger), queue: notedQueue(), edge })
  }
  const catalogRun = (weather: Weather) => {
    const wrap = faulty(weather.fault, weather.pause)
    const reaction = catalogReaction({
      tables: lake.tables,
      storeOf: ({ location }) => wrap(bucket.store(location)),
      glue: wrap(watchedGlue),
    })
    const shell = { lake: lake.name, ledger: wrap(ledger), bus: wrap(bus), now }
    return reactionQueue(reaction, shell, notedQueue(), edge)
  }
  const runs = { landing: landingRun, catalog: catalogRun }

  /** Takes messages from a queue (by position) and runs its function on them; those that fail go back. */
  async function run(queue: 'landing' | 'catalog', positions: readonly number[], weather: Weather): Promise<void> {
    const taken = [...new Set(positions.map((at) => at % Math.max(1, queues[queue].length)))]
    const bodies = taken.map((at) => queues[queue][at]).filter((body) => body !== undefined)
    queues[queue] = queues[queue].filter((_, at) => !taken.includes(at))
    if (bodies.length === 0) return
    const published = bus.published.length
    const failed = await outcome(runs[queue](weather), sqsEvent(bodies))
    queues[queue].push(...bodies.filter((_, i) => failed.has(String(i))))
    for (const fact of bus.published.slice(published)) deliver(fact)
  }

  /** The bus's rule: facts about tables go to the reaction's queue. */
  function deliver(fact: (typeof bus.published)[number]): void {
    if (fact.type === 'Table Changed')
      queues.catalog.push({ 'detail-type': fact.type, source: 'landfall', detail: fact.detail })
  }

  async function sweepNow(weather: Weather = calm): Promise<void> {
    await sweep({}, lake, { catalog: 'catalog' }, async (_queue, wakes) => void queues.catalog.push(...wakes))
    while (queues.catalog.length > 0)
      await run(
        'catalog',
        queues.catalog.map((_, i) => i),
        weather,
      )
  }

  return {
    stamps: () => stamps,
    lake,
    table,
    bucket,
    glue,
    ledger,
    bus,
    edge,
    writer,
    queues,
    run,
    sweepNow,
    now,
    store: bucket.store(table.location),
  }
}

/** Which messages are not done: those reported, or all when the process died. */
async function outcome(
  work: (event: SQSEvent, context: never) => Promise<SQSBatchResponse>,
  event: SQSEvent,
): Promise<Set<string>> {
  try {
    const { batchItemFailures } = await work(event, undefined as never)
    return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  } catch {
    return new Set(event.Records.map(({ messageId }) => messageId))
  }
}
