import { tablesOf } from '../../src/reactions/index.ts'
import { lagAlarm } from '../metric-alarms.ts'
import { growthBudget, narrowest, policySize } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { GLUE, glueCandidates, logCandidates } from '../tables.ts'

export const catalog: ReactionInfra = {
  description: 'Keeps Delta tables up to date in the Glue catalog',
  timeout: 60,
  memory: 1024,
  batchSize: 10,
  // Glue throttles per account: this leaves capacity for other users.
  maximumConcurrency: '${param:catalogConcurrency, 10}',

  /** Reads the tables' logs; writes tables in Glue. */
  access(lake) {
    const tables = tablesOf('catalog', lake)
    const logs = narrowest(logCandidates(tables), growthBudget(lake) / 2)
    return [...logs, ...narrowest(glueCandidates(tables, GLUE), growthBudget(lake) - policySize(logs))]
  },

  alarms: (lake, alarm) => lagAlarm('catalog', lake, alarm),
}
