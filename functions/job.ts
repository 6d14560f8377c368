import { dynamodb, s3, secretsmanager } from '../src/aws/clients.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { databricks } from '../src/databricks/client.ts'
import { httpClient } from '../src/http/http.ts'
import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { manifestsIn } from '../src/reactions/job/aws/manifests.ts'
import { jobReaction } from '../src/reactions/job/reaction.ts'
import { tableLogs } from '../src/tables/aws/table-log.ts'

/** Starts Databricks jobs with exactly what is new, and follows them to their end. */
export const handler = reactionFunction('job', (lake, { config, now }) => {
  if (lake.databricks === undefined)
    throw new Error(`the lake ${lake.name} was deployed without databricks in lake.yml`)
  const objects = s3()
  return jobReaction({
    tables: lake.tables,
    logOf: tableLogs(objects, dynamodb(), config.ledgerTable),
    databricks: databricks({ ...lake.databricks, secrets: secretsManager(secretsmanager()), http: httpClient(), now }),
    putManifest: manifestsIn(objects),
  })
})
