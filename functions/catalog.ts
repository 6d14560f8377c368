import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { glue, s3, sqs } from '../src/aws/clients.ts'
import { glueCatalog } from '../src/glue/aws/glue.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { s3Store } from '../src/tables/aws/s3-store.ts'
import { awsShell } from '../src/aws/shell.ts'
import { lambda } from '../src/lambda/function.ts'
import { reactionQueue } from '../src/lambda/reaction-queue.ts'
import { catalogReaction } from '../src/reactions/catalog/reaction.ts'

/** Keeps the Glue record of a Delta table as its log says. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('catalog', async (edge) => {
  const lake = await readLake(edge.config)
  const bucket = s3()
  const reaction = catalogReaction({
    tables: lake.tables,
    storeOf: ({ location }) => s3Store(bucket, location),
    glue: glueCatalog(glue()),
  })
  return reactionQueue(reaction, awsShell('catalog', lake, edge), sqsQueue(sqs()), edge)
})
