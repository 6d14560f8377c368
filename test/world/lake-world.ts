import type { CatalogTable } from '../../src/glue/settings.ts'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Bus } from '../../src/core/bus.ts'
import type { PublishedFact } from '../../src/reactions/facts.ts'
import { reactionQueue } from '../../src/lambda/reaction-queue.ts'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { s3Intake } from '../../src/intake/s3/s3-intake.ts'
import type { Ledger } from '../../src/core/ledger.ts'
import type { Glue, TableInput } from '../../src/glue/ports.ts'
import { catalogReaction } from '../../src/reactions/catalog/reaction.ts'
import { sweep } from '../../src/reactions/sweep.ts'
import type { TableStore } from '../../src/tables/store.ts'
import { notedQueue, quietContext, sqsEvent } from '../lambda/function.twin.ts'
import { memoryShell } from '../core/shell.twin.ts'
import { DeltaWriter, type Put } from './delta-writer.ts'
import { calm, faulty, type Weather } from './faults.ts'

/** The systems under a lake: twins, or the emulator. */
export interface Ground {
  readonly put: Put
  store(table: Table): TableStore
  readonly glue: Glue
  readonly ledger: Ledger
  readonly bus: Bus
  /** Someone drops the table from the catalog by hand. */
  drop(database: string, table: string): Promise<void>
}

const BUCKET = 'histories'

/** An S3 event as EventBridge delivers it. */
export function objectCreated(key: string, bucket = BUCKET): object {
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

export type World = ReturnType<typeof lakeWorld>

/**
 * The path from a Delta commit to the Glue record: the code that the Lambdas run, with two queues in between that deliver at
 * least once and in any order. `name` is the table's.
 */
export function lakeWorld(ground: Ground, name = 'flights') {
  let clock = 1_700_000_000_000
  const now = () => ++clock
  const table: CatalogTable = {
    name,
    location: { bucket: BUCKET, prefix: `silver/${name}` },
    format: 'delta',
    partitions: [],
    catalog: { database: 'silver', table: name },
  }
  const lake: Lake = {
    name: 'test',
    stage: 'test',
    models: {},
    registries: {},
    buckets: { lake: { name: BUCKET, existing: false } },
    tables: { [name]: table },
  }
  const { glue, stamps } = watched(ground.glue)
  const { bus, published } = overheard(ground.bus)
  const context = quietContext(now)
  /** Waiting messages, by queue. Failed ones return. */
  const queues: { commits: unknown[]; catalog: unknown[] } = { commits: [], catalog: [] }

  const runs = {
    commits(weather: Weather) {
      const wrap = faulty(weather.fault, weather.pause)
      return s3Intake({
        name: 'commits',
        lake,
        bus: wrap(bus),
        ledger: wrap(ground.ledger),
        queue: notedQueue(),
        context,
      })
    },
    catalog(weather: Weather) {
      const wrap = faulty(weather.fault, weather.pause)
      const reaction = catalogReaction({
        tables: lake.tables,
        storeOf: (of) => wrap(ground.store(of)),
        glue: wrap(glue),
      })
      const shell = memoryShell({ lake: lake.name, ledger: wrap(ground.ledger), bus: wrap(bus), now })
      return reactionQueue(reaction, shell, notedQueue(), context)
    },
  }

  /** Takes messages from a queue, by position, and runs its function on them; failed ones return. */
  async function run(queue: 'commits' | 'catalog', positions: readonly number[], weather: Weather): Promise<void> {
    const taken = [...new Set(positions.map((at) => at % Math.max(1, queues[queue].length)))]
    const bodies = taken.map((at) => queues[queue][at]).filter((body) => body !== undefined)
    queues[queue] = queues[queue].filter((_, at) => !taken.includes(at))
    if (bodies.length === 0) return
    const failed = await outcome(runs[queue](weather), sqsEvent(bodies))
    queues[queue].push(...bodies.filter((_, i) => failed.has(String(i))))
    // The bus's rule: facts about tables go to the reaction's queue.
    for (const { type, detail } of published.splice(0))
      if (type === 'Table Changed') queues.catalog.push({ 'detail-type': type, source: 'landfall', detail })
  }

  async function sweepNow(): Promise<void> {
    await sweep({}, lake, { catalog: 'catalog' }, async (_queue, wakes) => void queues.catalog.push(...wakes))
    const everything = () => queues.catalog.map((_, i) => i)
    while (queues.catalog.length > 0) await run('catalog', everything(), calm)
  }

  return {
    table,
    stamps,
    queues,
    run,
    sweepNow,
    now,
    glue,
    writer: new DeltaWriter(ground.put, table.location.prefix),
    store: ground.store(table),
    cursor: () => ground.ledger.cursor({ subject: `table/${name}`, reaction: 'catalog' }),
    drop: () => ground.drop('silver', name),
    async definition(): Promise<TableInput | undefined> {
      const found = await ground.glue.find('silver', name)
      return found.kind === 'table' ? found.definition : undefined
    },
  }
}

/** Records the versions that the record was stamped with, in order; starts over when it is created again. */
function watched(glue: Glue): { glue: Glue; stamps(): readonly number[] } {
  let stamps: number[] = []
  const stamp = ({ Parameters }: TableInput) => Number(Parameters?.['delta.lastUpdateVersion'])
  return {
    stamps: () => stamps,
    glue: {
      ...glue,
      async createTable(database, definition) {
        const created = await glue.createTable(database, definition)
        if (created === 'created') stamps = [stamp(definition)]
        return created
      },
      async updateTable(database, definition, versionId) {
        const updated = await glue.updateTable(database, definition, versionId)
        if (updated === 'updated') stamps.push(stamp(definition))
        return updated
      },
    },
  }
}

function overheard(bus: Bus): { bus: Bus; published: PublishedFact[] } {
  const published: PublishedFact[] = []
  return {
    published,
    bus: {
      async publish(facts) {
        const answers = await bus.publish(facts)
        published.push(...(facts as readonly PublishedFact[]).filter((_, i) => answers[i] === undefined))
        return answers
      },
    },
  }
}

/** The failed messages: those reported, or all when the process crashed. */
export async function outcome(
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
