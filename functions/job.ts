import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dynamodb, s3, secretsmanager, sqs } from '../src/clients/aws.ts'
import { readLake } from '../src/clients/lake-file.ts'
import { manifestsIn } from '../src/clients/manifests.ts'
import { sqsQueue } from '../src/clients/queue.ts'
import { secretsManager } from '../src/clients/secrets.ts'
import { awsShell } from '../src/clients/shell.ts'
import { tableLogs } from '../src/clients/table-log.ts'
import { lambda, once } from '../src/edge/function.ts'
import { reactionQueue } from '../src/edge/wake.ts'
import { jobReaction } from '../src/reactions/job/index.ts'

/** Starts Databricks jobs with exactly what is new, and follows them to their end. */
export const handler = lambda<SQSEvent, SQSBatchResponse>('job', async (edge) => {
  const { config, now } = edge
  const lake = await readLake(config)
  if (lake.databricks === undefined)
    throw new Error(`the lake ${lake.name} was deployed without databricks in lake.yml`)
  const { host, secret } = lake.databricks
  // Loaded with the first call: most wake-ups of a job only find that it is not time yet.
  const workspace = once(async () => {
    const { databricks } = await import('../src/clients/databricks.ts')
    const { httpClient } = await import('../src/clients/http.ts')
    return databricks({ host, secret, secrets: secretsManager(secretsmanager()), http: httpClient(), now })
  })
  const objects = s3()
  const reaction = jobReaction({
    tables: lake.tables,
    logOf: tableLogs(objects, dynamodb(), config.ledgerTable),
    databricks: {
      runNow: async (start) => (await workspace()).runNow(start),
      run: async (runId) => (await workspace()).run(runId),
    },
    putManifest: manifestsIn(objects),
  })
  return reactionQueue(reaction, awsShell('job', lake, edge), sqsQueue(sqs()), edge)
})
