import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, s3, secretsmanager, sqs } from '../src/clients/aws.ts'
import { databricks } from '../src/clients/databricks.ts'
import { httpClient } from '../src/clients/http.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { manifestsIn } from '../src/clients/manifests.ts'
import { sqsQueue } from '../src/clients/queue.ts'
import { secretsManager } from '../src/clients/secrets.ts'
import { awsShell } from '../src/clients/shell.ts'
import { tableLogs } from '../src/clients/table-log.ts'
import { lambda } from '../src/edge/function.ts'
import { reactionQueue } from '../src/edge/wake.ts'
import { jobReaction } from '../src/reactions/job/index.ts'

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
