import { tablesOf } from '../../src/reactions/index.ts'
import { lagAlarm } from '../metric-alarms.ts'
import { growthBudget, narrowest, policySize } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { GLUE, glueCandidates, logCandidates } from '../tables.ts'

export const catalog: ReactionInfra = {
  description: 'Keeps the Glue record of a table as its log says',
  timeout: 60,
  memory: 1024,
  batchSize: 10,
  // Glue throttles by the account: this leaves some of it to others.
  maximumConcurrency: '${param:catalogConcurrency, 10}',

  /** To read the logs of the tables, and write their records. */
  access(lake) {
    const tables = tablesOf('catalog', lake)
    const logs = narrowest(logCandidates(tables), growthBudget / 2)
    return [...logs, ...narrowest(glueCandidates(tables, GLUE), growthBudget - policySize(logs))]
  },

  alarms: (lake, alarm) => lagAlarm('catalog', lake, alarm),
}
