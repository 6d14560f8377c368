import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { webhooksOf } from '../src/reactions/webhooks.ts'
import { arnOf, type Template } from './cloudformation.ts'
import { logGroup } from './log-groups.ts'

const logs = 'HttpApiLogs'

/**
 * Anyone can call the HTTP API, and each call invokes Lambda. It is limited to what registries and jobs send at their busiest,
 * and to what fits into the smallest account: a new one has 10 concurrent executions (Lambda quotas), and 20 calls a second of
 * less than half a second each need fewer. Calls beyond that get a 429. MLflow then retries, and the sweep finds what is lost.
 */
const throttle = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 50 }

/**
 * A line for each call, also for those that never reach the function. It has nothing that the caller wrote: no header, query,
 * path or body, since any of them may hold a credential.
 */
const format = {
  id: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  function: '$context.integrationStatus',
  error: '$context.error.responseType',
}

/** The throttle and the access log of the HTTP API, which osls makes from the routes of the function `webhook`. */
export function httpApi(lake: Lake): Pick<Template, 'Resources' | 'extensions'> {
  if (webhooksOf(lake).length === 0) return { Resources: {}, extensions: {} }
  return {
    // Groups with this prefix do not count towards the limit on CloudWatch Logs' resource policy, which AWS keeps for such logs
    // (CloudWatch Logs user guide, "Logs sent to CloudWatch Logs").
    Resources: { [logs]: logGroup(`/aws/vendedlogs/http-api/${names(lake).stack}`, lake) },
    extensions: {
      HttpApiStage: {
        Properties: {
          DefaultRouteSettings: throttle,
          AccessLogSettings: { DestinationArn: arnOf(logs), Format: JSON.stringify(format) },
        },
      },
    },
  }
}
