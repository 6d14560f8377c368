import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, eventbridge, sqs } from '../src/clients/aws.ts'
import { eventBridgeBus } from '../src/clients/bus.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { dynamoLedger } from '../src/clients/ledger.ts'
import { sqsQueue } from '../src/clients/queue.ts'
import { lambda } from '../src/edge/function.ts'
import { landing } from '../src/landing/landing.ts'

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
