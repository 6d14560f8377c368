import { tablesOf } from '../../src/reactions/index.ts'
import { wakeQueues } from '../access.ts'
import { lagAlarm } from '../metric-alarms.ts'
import { growthBudget, narrowest } from '../policies.ts'
import type { ReactionInfra } from '../reaction.ts'
import { logCandidates } from '../tables.ts'

export const announce: ReactionInfra = {
  description: 'Publishes a fact for each version of a table',
  // A backlog of thousands of versions is taken in one go.
  timeout: 120,
  memory: 1024,
  batchSize: 10,
  maximumConcurrency: 10,
  // Landing logs.
  ledger: ['dynamodb:Query'],

  /** To read the logs of tables, and wake itself for the rest of a backlog. */
  access(lake) {
    const delta = tablesOf('announce', lake).filter(({ format }) => format === 'delta')
    const logs = delta.length === 0 ? [] : narrowest(logCandidates(delta), growthBudget(lake))
    return [...wakeQueues('announce'), ...logs]
  },

  alarms: (lake, alarm) => lagAlarm('announce', lake, alarm),
}
