import { distinct } from '../../src/core/distinct.ts'
import { MANIFESTS } from '../../src/reactions/job/aws/manifests.ts'
import { tablesOf } from '../../src/reactions/index.ts'
import { s3Arn } from '../cloudformation.ts'
import { growthBudget, narrowest, statement } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { readSecrets, wakeQueues } from '../access.ts'
import { logCandidates } from '../tables.ts'

export const job: ReactionInfra = {
  description: 'Starts Databricks jobs with exactly the new files of a table and tracks their runs',
  timeout: 60,
  memory: 1024,
  batchSize: 10,
  // Databricks would throttle more.
  maximumConcurrency: 10,
  // To read landing logs.
  ledger: ['dynamodb:Query'],

  /** Reads the tables' logs, writes manifests next to them, calls Databricks, and wakes itself later. */
  access(lake) {
    const tables = tablesOf('job', lake)
    const delta = tables.filter(({ format }) => format === 'delta')
    const buckets = distinct(tables.map(({ location }) => location.bucket))
    return [
      ...wakeQueues('job'),
      ...statement(
        'PutManifests',
        ['s3:PutObject'],
        buckets.map((bucket) => s3Arn(`${bucket}/${MANIFESTS}/*`)),
      ),
      ...(delta.length === 0 ? [] : narrowest(logCandidates(delta), growthBudget(lake) / 2)),
      ...readSecrets(lake.databricks === undefined ? [] : [lake.databricks.secret]),
    ]
  },
}
