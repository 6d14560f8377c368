import { tablesOf } from '../../src/reactions/index.ts'
import { lagAlarm } from '../metric-alarms.ts'
import { growthBudget, narrowest, policySize } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { fileCandidates, GLUE, glueCandidates, PARTITIONS } from '../tables.ts'

export const catalogFiles: ReactionInfra = {
  description: 'Keeps the Glue record and the partitions of a table of files as its files say',
  timeout: 60,
  memory: 1024,
  batchSize: 10,
  maximumConcurrency: 10,
  // Its landing log.
  ledger: ['dynamodb:Query'],

  /** To read samples of the files, and write records and partitions. */
  access(lake) {
    const tables = tablesOf('catalog-files', lake)
    const data = narrowest(fileCandidates(tables), growthBudget / 2)
    const glue = narrowest(glueCandidates(tables, [...GLUE, ...PARTITIONS]), growthBudget - policySize(data))
    return [...data, ...glue]
  },

  alarms: (lake, alarm) => lagAlarm('catalog-files', lake, alarm),
}
