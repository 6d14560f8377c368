import type { Milliseconds } from '../src/core/time.ts'
import { dynamodb, eventbridge, s3, sqs } from '../src/aws/clients.ts'
import { eventBridgeBus } from '../src/aws/bus.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { dynamoLandingLog } from '../src/tables/aws/landing-log.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import { sendAll } from '../src/aws/queue.ts'
import { s3TableObjects } from '../src/tables/aws/table-objects.ts'
import { lambda } from '../src/lambda/function.ts'
import { type SweptFiles, sweepFiles } from '../src/intake/s3/sweep-files.ts'
import { subjectIn, type Swept, sweep } from '../src/reactions/sweep.ts'

interface SweepResult {
  /** How many subjects were woken, by reaction. */
  readonly woken: Swept
  /** By table of files. */
  readonly files: Readonly<Record<string, SweptFiles>>
}

/** The time left when it stops comparing: enough to finish the pages and appends that have begun. */
const RESERVE: Milliseconds = 30_000

/** Wakes every subject on a schedule, and compares landing logs with their buckets: what lost events left undone is caught up. */
export const handler = lambda<unknown, SweepResult>('sweep', async ({ config, log, now }) => {
  const lake = await readLake(config)
  const [queues, database, bucket] = [sqs(), dynamodb(), s3()]
  const ports = {
    lake: lake.name,
    store: dynamoLandingLog(database, config.ledgerTable),
    objectsOf: ({ location }: { location: { bucket: string; prefix: string } }) => s3TableObjects(bucket, location),
    ledger: dynamoLedger(database, config.ledgerTable),
    bus: eventBridgeBus(eventbridge(), config.busName),
    now,
  }
  return async (event, context) => {
    const woken = await sweep(event, lake, config.queues, (queue, bodies) => sendAll(queues, queue, bodies))
    log.info('woken', { ...woken })
    const only = subjectIn(event, lake)
    const tables = Object.values(lake.tables).filter(
      ({ name, format }) => format !== 'delta' && (only === undefined || only === `table/${name}`),
    )
    const files = await sweepFiles(tables, { ...ports, stop: () => context.getRemainingTimeInMillis() < RESERVE })
    for (const [table, found] of Object.entries(files)) log.info('compared', { table, ...found })
    return { woken, files }
  }
})
