import type { Lake } from '../src/lake/lake.ts'
import type { ReactionName } from '../src/reactions/index.ts'
import type { Resources, Value } from './cloudformation.ts'
import type { MakeAlarm } from './reaction.ts'

/** Past this, a reaction is late: from a commit in S3 to its effect, in ms. */
const LAG_LIMIT = 5 * 60_000

/** For a reaction whose delay its users see: from a commit in S3 to its effect. */
export function lagAlarm(reaction: ReactionName, lake: Lake, alarm: MakeAlarm): Resources {
  const figure = lagMetric(reaction)
  return {
    [`${figure}Alarm`]: alarm(
      `${reaction}-lag`,
      `A table of the lake ${lake.name} reached the catalog more than ${LAG_LIMIT / 60_000} minutes after it changed.`,
      metric('Landfall', figure, { service: `landfall-${reaction}`, lake: lake.name }, 300, LAG_LIMIT),
    ),
  }
}

/** As `src/lambda/function.ts` names it: `CatalogFilesLag`. */
function lagMetric(reaction: ReactionName): string {
  return `${reaction.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Lag`
}

/** The highest value in `period` seconds is above `limit`. */
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
