import type { Lake } from '../src/lake/lake.ts'
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

/** All resources of a lake except its functions. Their number depends on buckets and models, not on tables. */
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
 * Anyone can call the HTTP API, and each call invokes Lambda, so it is limited to what registries and jobs send at their
 * busiest. Calls beyond that get a 429, after which MLflow retries.
 */
const throttledApi = {
  HttpApiStage: { Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } } },
}

/** The variables that `src/lambda/config.ts` reads. */
export function environment(lake: Lake, lakeFile: string): Readonly<Record<string, Value>> {
  return {
    LAKE_FILE: lakeFile,
    LEDGER_TABLE: ref(ledger),
    BUS_NAME: ref(bus),
    QUEUES: queueUrls(lake),
    MAX_RECEIVES: String(maxReceives),
  }
}

/** Queue URLs by name, as JSON. A queue's `Ref` is its URL. */
function queueUrls(lake: Lake): Value {
  const entries = Object.keys(queueTimeouts(lake)).map((name) => `"${name}":"\${${queueId(name)}}"`)
  return { 'Fn::Sub': `{${entries.join(',')}}` }
}
