import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { logical, type Resource, type Resources, type Value } from './cloudformation.ts'
import { deadLetterQueues, deadLettersId, hasFileCatalog } from './queues.ts'

/** Past this, the catalog is late: from a commit in S3 to its table in Glue, in ms. */
const LAG_LIMIT = 5 * 60_000

export interface AlarmSettings {
  /** The functions to watch, as serverless.yml names them. */
  readonly functions: readonly string[]
  /** ARN of an SNS topic of yours that is told; without one the alarms are there to be looked at. */
  readonly topic?: string
}

/** Silence is no alarm: a lake where nothing lands sends no figures. */
export function alarms(lake: Lake, settings: AlarmSettings): Resources {
  const prefix = names(lake).stack
  const alarm = (name: string, description: string, measure: object): Resource => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${prefix}-${name}`,
      AlarmDescription: description,
      TreatMissingData: 'notBreaching',
      ...measure,
      ...(settings.topic === undefined ? {} : { AlarmActions: [settings.topic], OKActions: [settings.topic] }),
    },
  })
  const resources: Record<string, Resource> = {}
  for (const queue of deadLetterQueues(lake))
    resources[`${deadLettersId(queue)}Alarm`] = alarm(
      `${queue}-dlq`,
      `Messages for ${queue} were given up after the last try. 'landfall status' shows why; docs/deploy.md how to send them again.`,
      metric(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: { 'Fn::GetAtt': [deadLettersId(queue), 'QueueName'] } },
        60,
        0,
      ),
    )
  for (const name of settings.functions)
    resources[`${logical(name)}ErrorsAlarm`] = alarm(
      `${name}-errors`,
      `The function ${name} failed as a whole (a message that fails alone is no error of the function).`,
      { ...metric('AWS/Lambda', 'Errors', { FunctionName: names(lake).fn(name) }, 300, 0), Statistic: 'Sum' },
    )
  const lags = { catalog: 'CatalogLag', ...(hasFileCatalog(lake) && { 'catalog-files': 'CatalogFilesLag' }) }
  for (const [reaction, figure] of Object.entries(lags))
    resources[`${figure}Alarm`] = alarm(
      `${reaction}-lag`,
      `A table of the lake ${lake.name} reached the catalog more than ${LAG_LIMIT / 60_000} minutes after it changed.`,
      metric('Landfall', figure, { service: `landfall-${reaction}`, lake: lake.name }, 300, LAG_LIMIT),
    )
  return resources
}

/** The highest value in `period` seconds is above `limit`. */
function metric(
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
