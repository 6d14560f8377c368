import { dynamodb, s3, secretsmanager } from '../src/aws/clients.ts'
import { secretsManager } from '../src/aws/secrets.ts'
import { lazy } from '../src/core/lazy.ts'
import type { Databricks } from '../src/databricks/ports.ts'
import { httpClient } from '../src/http/http.ts'
import { reactionFunction } from '../src/lambda/reaction-function.ts'
import { manifestsIn } from '../src/reactions/job/aws/manifests.ts'
import { jobReaction } from '../src/reactions/job/reaction.ts'
import { tableLogs } from '../src/tables/aws/table-log.ts'

/** Starts Databricks jobs with exactly what is new, and follows them to their end. */
export const handler = reactionFunction('job', (lake, { config, now }) => {
  const workspace = lake.databricks
  if (workspace === undefined) throw new Error(`the lake ${lake.name} was deployed without databricks in lake.yml`)
  const objects = s3()
  return jobReaction({
    tables: lake.tables,
    logOf: tableLogs(objects, dynamodb(), config.ledgerTable),
    // Most wake-ups start nothing and ask nothing.
    databricks: lazy<Databricks>(['runNow', 'run'], async () => {
      const { databricks } = await import('../src/databricks/client.ts')
      return databricks({ ...workspace, secrets: secretsManager(secretsmanager()), http: httpClient(), now })
    }),
    putManifest: manifestsIn(objects),
  })
})
