import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, s3, secretsmanager, sqs } from '../src/aws/clients.ts'
import { databricks } from '../src/databricks/client.ts'
import { httpClient } from '../src/http/http.ts'
import { readLake } from '../src/lambda/lake-file.ts'
import { manifestsIn } from '../src/reactions/job/aws/manifests.ts'
import { sqsQueue } from '../src/aws/queue.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { awsShell } from '../src/aws/shell.ts'
import { tableLogs } from '../src/tables/aws/table-log.ts'
import { lambda } from '../src/lambda/function.ts'
import { reactionQueue } from '../src/lambda/reaction-queue.ts'
import { jobReaction } from '../src/reactions/job/reaction.ts'

/** Starts Databricks jobs with exactly what is new, and follows them to their end. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('job', async (edge) => {
  const { config, now } = edge
  const lake = await readLake(config)
  if (lake.databricks === undefined)
    throw new Error(`the lake ${lake.name} was deployed without databricks in lake.yml`)
  const objects = s3()
  const reaction = jobReaction({
    tables: lake.tables,
    logOf: tableLogs(objects, dynamodb(), config.ledgerTable),
    databricks: databricks({ ...lake.databricks, secrets: secretsManager(secretsmanager()), http: httpClient(), now }),
    putManifest: manifestsIn(objects),
  })
  return reactionQueue(reaction, awsShell('job', lake, edge), sqsQueue(sqs()), edge)
})
