import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, s3, sqs } from '../src/aws/clients.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { awsShell } from '../src/aws/shell.ts'
import { lambda } from '../src/lambda/function.ts'
import { reactionQueue } from '../src/lambda/reaction-queue.ts'
import { tableVersions } from '../src/reactions/announce/aws/table-versions.ts'
import { announceReaction } from '../src/reactions/announce/reaction.ts'

/** Publishes a fact for each version of a table. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('announce', async (edge) => {
  const lake = await readLake(edge.config)
  const shell = awsShell('announce', lake, edge)
  const reaction = announceReaction({
    lake: lake.name,
    tables: lake.tables,
    versionsOf: tableVersions(s3(), dynamodb(), edge.config.ledgerTable),
    bus: shell.bus,
  })
  return reactionQueue(reaction, shell, sqsQueue(sqs()), edge)
})
