import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, eventbridge, sqs } from '../src/aws/clients.ts'
import { eventBridgeBus } from '../src/aws/bus.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { lambda } from '../src/lambda/function.ts'
import { s3Intake } from '../src/intake/s3/s3-intake.ts'

/** Publishes `Table Changed` for each commit of a Delta table. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('commits', async (context) =>
  s3Intake({
    name: 'commits',
    lake: await readLake(context.config),
    bus: eventBridgeBus(eventbridge(), context.config.busName),
    ledger: dynamoLedger(dynamodb(), context.config.ledgerTable),
    queue: sqsQueue(sqs()),
    context,
  }),
)
