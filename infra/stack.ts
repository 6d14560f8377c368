import type { Lake } from '../src/lake/lake.ts'
import { activeReactions } from '../src/reactions/index.ts'
import { type AlarmSettings, alarms } from './alarms.ts'
import { buckets } from './buckets.ts'
import { bus, busResources } from './bus.ts'
import { ref, type Template, type Value } from './cloudformation.ts'
import { httpApi } from './http-api.ts'
import { reactionInfra } from './index.ts'
import { encrypted } from './keys.ts'
import { ledger, ledgerResources } from './ledger.ts'
import { queueId } from './logical-ids.ts'
import { maxReceives, queues, queueTimeouts } from './queues.ts'
import { roles } from './roles.ts'
import { rules } from './rules.ts'

/** All resources of a lake except its functions. Their number depends on buckets and models, not on tables. */
export function stack(lake: Lake, settings: AlarmSettings): Template {
  const wiring = rules(lake)
  const api = httpApi(lake)
  return {
    Resources: {
      ...buckets(lake),
      ...queues(lake, wiring.senders),
      ...busResources(lake),
      ...ledgerResources(lake),
      ...wiring.resources,
      ...roles(lake),
      ...Object.assign({}, ...activeReactions(lake).map((name) => reactionInfra[name].resources?.(lake))),
      ...api.Resources,
      ...alarms(lake, settings),
    },
    extensions: { ...api.extensions, ...encrypted(lake, settings.functions) },
    Outputs: {
      LedgerTable: { Description: 'DynamoDB table with cursors, runs and rejections', Value: ref(ledger) },
      BusName: { Description: 'EventBridge bus with the facts that Landfall publishes', Value: ref(bus) },
    },
  }
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
