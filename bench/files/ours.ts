/**
 * `ours.ts FILES SIZE`: passes FILES events of new files to the functions like Lambda, a thousand per batch, and wakes the
 * catalog after each batch. Prints the time and this process's peak memory as JSON.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { handler as catalogFiles } from '../../functions/catalog-files.ts'
import { handler as files } from '../../functions/files.ts'
import { fileAt, message, sqsRecord } from './names.ts'
import { peakMemory } from '../../test/world/peak-memory.ts'

/** As the queue of files is deployed (infra/deploy.ts). */
const BATCH = 1000
const [count = 0, size = 0] = process.argv.slice(2).map(Number)
const context = { getRemainingTimeInMillis: () => 60_000 } as Context
// The functions log a line for each event; only the result is printed.
const print = console.log
console.log = console.info = () => {}

async function deliver(
  handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>,
  records: readonly object[],
): Promise<void> {
  const { batchItemFailures } = await handler({ Records: records } as SQSEvent, context)
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages failed`)
}

const began = performance.now()
for (let start = 0; start < count; start += BATCH) {
  const end = Math.min(count, start + BATCH)
  await deliver(
    files,
    Array.from({ length: end - start }, (_, i) => message(start + i, fileAt(start + i, count), size)),
  )
  await deliver(catalogFiles, [sqsRecord('wake', { subject: 'table/landed' })])
}
print(JSON.stringify({ ms: performance.now() - began, megabytes: peakMemory() }))
