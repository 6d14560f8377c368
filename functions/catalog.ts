import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { glue, s3, sqs } from '../src/clients/aws.ts'
import { glueCatalog } from '../src/clients/glue.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { sqsQueue } from '../src/clients/queue.ts'
import { s3Store } from '../src/clients/s3-store.ts'
import { awsShell } from '../src/clients/shell.ts'
import { lambda } from '../src/edge/function.ts'
import { reactionQueue } from '../src/edge/wake.ts'
import { catalogReaction } from '../src/reactions/catalog/index.ts'

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
