import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { activeReactions } from '../src/reactions/index.ts'
import { webhooksOf } from '../src/reactions/webhooks.ts'
import { type AlarmSettings, alarms } from './alarms.ts'
import { buckets } from './buckets.ts'
import { bus, busResources } from './bus.ts'
import { ref, type Template, type Value } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { ledger, ledgerResources } from './ledger.ts'
import { queueId } from './logical-ids.ts'
import { maxReceives, queues, queueTimeouts } from './queues.ts'
import { roles } from './roles.ts'
import { rules } from './rules.ts'

/** All that a lake needs beside its functions. Their number depends on its buckets and models, never on its tables. */
export function stack(lake: Lake, settings: AlarmSettings): Template {
  const wiring = rules(lake)
  return {
    Resources: {
      ...buckets(lake),
      ...queues(lake, wiring.senders),
      ...busResources(lake),
      ...ledgerResources(lake),
      ...wiring.resources,
      ...roles(lake),
      ...Object.assign({}, ...activeReactions(lake).map((name) => reactionInfra[name].resources?.(lake))),
      ...alarms(lake, settings),
    },
    ...(webhooksOf(lake).length > 0 && { extensions: throttledApi }),
    Outputs: {
      LedgerTable: { Description: 'DynamoDB table with cursors, runs and rejections', Value: ref(ledger) },
      BusName: { Description: 'EventBridge bus with the facts that Landfall publishes', Value: ref(bus) },
    },
  }
}

/**
 * The HTTP API is open to everyone, and each call is one of Lambda's: as many a second as registries and jobs may send at their
 * busiest. A delivery beyond that is answered 429, which MLflow sends again.
 */
const throttledApi = {
  HttpApiStage: { Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } } },
}

/** What `src/lambda/config.ts` reads, and the names that Powertools knows. */
export function environment(lake: Lake, lakeFile: string): Readonly<Record<string, Value>> {
  return {
    LAKE_FILE: lakeFile,
    LEDGER_TABLE: ref(ledger),
    BUS_NAME: ref(bus),
    QUEUES: queueUrls(lake),
    MAX_RECEIVES: String(maxReceives),
    POWERTOOLS_SERVICE_NAME: names(lake).stack,
    POWERTOOLS_METRICS_NAMESPACE: 'Landfall',
  }
}

/** A JSON object of queue URLs by name. A queue's `Ref` is its URL. */
function queueUrls(lake: Lake): Value {
  const entries = Object.keys(queueTimeouts(lake)).map((name) => `"${name}":"\${${queueId(name)}}"`)
  return { 'Fn::Sub': `{${entries.join(',')}}` }
}
