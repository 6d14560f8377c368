import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, eventbridge, sqs } from '../src/aws/clients.ts'
import { eventBridgeBus } from '../src/aws/bus.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { dynamoLedger } from '../src/aws/ledger.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { lambda } from '../src/lambda/function.ts'
import { landing } from '../src/intake/s3/landing.ts'

/** Commits of Delta tables, by way of EventBridge and the landing queue, become facts on the bus. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('landing', async (edge) =>
  landing({
    lake: await readLake(edge.config),
    bus: eventBridgeBus(eventbridge(), edge.config.busName),
    ledger: dynamoLedger(dynamodb(), edge.config.ledgerTable),
    queue: sqsQueue(sqs()),
    edge,
  }),
)
