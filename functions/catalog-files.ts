import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, glue, s3, sqs } from '../src/aws/clients.ts'
import { inflate } from '../src/tables/node/decompressors.ts'
import { glueCatalog } from '../src/glue/aws/glue.ts'
import { dynamoLandingLog } from '../src/tables/aws/landing-log.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { s3Store } from '../src/tables/aws/s3-store.ts'
import { awsShell } from '../src/aws/shell.ts'
import { lambda } from '../src/lambda/function.ts'
import { reactionQueue } from '../src/lambda/reaction-queue.ts'
import { catalogFilesReaction } from '../src/reactions/catalog-files/reaction.ts'
import { landingLog } from '../src/tables/landing/change.ts'
import { hasFiles } from '../src/tables/landing/has-files.ts'

/** Keeps the Glue record and the partitions of a table of files as its landing log and its files say. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('catalog-files', async (edge) => {
  const lake = await readLake(edge.config)
  const bucket = s3()
  const landings = dynamoLandingLog(dynamodb(), edge.config.ledgerTable)
  const reaction = catalogFilesReaction({
    tables: lake.tables,
    storeOf: ({ location }) => s3Store(bucket, location),
    filesOf: (table) => ({
      log: landingLog(landings, table),
      hasFiles: (folder) => hasFiles(landings, table.name, folder),
    }),
    inflate,
    glue: glueCatalog(glue()),
  })
  return reactionQueue(reaction, awsShell('catalog-files', lake, edge), sqsQueue(sqs()), edge)
})
