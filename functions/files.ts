import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, eventbridge, s3, sqs } from '../src/aws/clients.ts'
import { eventBridgeBus } from '../src/aws/bus.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { dynamoLandingLog } from '../src/tables/aws/landing-log.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { s3TableObjects } from '../src/tables/aws/table-objects.ts'
import { lambda } from '../src/lambda/function.ts'
import { s3Intake } from '../src/intake/s3/s3-intake.ts'

/** Records the files of tables of files in their landing logs, and publishes `Table Changed` for each new version. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('files', async (context) => {
  const [database, bucket] = [dynamodb(), s3()]
  return s3Intake({
    name: 'files',
    lake: await readLake(context.config),
    bus: eventBridgeBus(eventbridge(), context.config.busName),
    ledger: dynamoLedger(database, context.config.ledgerTable),
    files: {
      store: dynamoLandingLog(database, context.config.ledgerTable),
      objectsOf: ({ location }) => s3TableObjects(bucket, location),
    },
    queue: sqsQueue(sqs()),
    context,
  })
})
