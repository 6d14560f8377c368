import type { Milliseconds } from '../src/core/time.ts'
import type { Lake } from '../src/lake/lake.ts'
import { lagMetric } from '../src/lake/resource-names.ts'
import type { ReactionName } from '../src/reactions/index.ts'
import type { Resources, Value } from './cloudformation.ts'
import type { MakeAlarm } from './reaction.ts'

const LAG_LIMIT: Milliseconds = 5 * 60_000

/** Watches a reaction's lag: the time from a commit in S3 to its effect. */
export function lagAlarm(reaction: ReactionName, lake: Lake, alarm: MakeAlarm): Resources {
  const figure = lagMetric(reaction)
  return {
    [`${figure}Alarm`]: alarm(
      `${reaction}-lag`,
      `${reaction} of the lake ${lake.name} finished more than ${LAG_LIMIT / 60_000} minutes after a table changed. 'landfall status --stage ${lake.stage}' shows the backlog.`,
      metric('Landfall', figure, { service: `landfall-${reaction}`, lake: lake.name }, 300, LAG_LIMIT),
    ),
  }
}

/** Alarms when the highest value in `period` seconds is above `limit`. */
export function metric(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, Value>>,
  period: number,
  limit: number,
): object {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Statistic: 'Maximum',
    Period: period,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: limit,
  }
}
