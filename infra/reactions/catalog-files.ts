import { tablesOf } from '../../src/reactions/index.ts'
import { lagAlarm } from '../metric-alarms.ts'
import { growthBudget, narrowest, policySize } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { fileCandidates, GLUE, glueCandidates, PARTITIONS } from '../tables.ts'

export const catalogFiles: ReactionInfra = {
  description: 'Keeps tables of files and their partitions up to date in the Glue catalog',
  timeout: 60,
  memory: 1024,
  batchSize: 10,
  maximumConcurrency: 10,
  // To read landing logs.
  ledger: ['dynamodb:Query'],

  /** Reads samples of the files; writes tables and partitions in Glue. */
  access(lake) {
    const tables = tablesOf('catalog-files', lake)
    const data = narrowest(fileCandidates(tables), growthBudget(lake) / 2)
    const glue = narrowest(glueCandidates(tables, [...GLUE, ...PARTITIONS]), growthBudget(lake) - policySize(data))
    return [...data, ...glue]
  },

  alarms: (lake, alarm) => lagAlarm('catalog-files', lake, alarm),
}
