import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
  ResourceNotFound,
} from '@aws-sdk/client-cloudwatch'
import { type AlarmMetric, type Alarms, type AlarmSpec, type Tags, VARIANT } from '../ports.ts'

/** DeleteAlarms takes 100 names. */
const BATCH = 100

/** CloudWatch alarms on endpoints. Each gets `tags`. */
export function cloudwatchAlarms(client: CloudWatchClient, tags: Tags): Alarms {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return {
    async put(alarms) {
      // Sequentially: PutMetricAlarm is throttled at 3 a second for the whole account.
      for (const alarm of alarms) await client.send(new PutMetricAlarmCommand({ ...input(alarm), Tags }))
    },
    async remove(names) {
      for (let i = 0; i < names.length; i += BATCH) await removeBatch(client, names.slice(i, i + BATCH))
    },
  }
}

async function removeBatch(client: CloudWatchClient, AlarmNames: string[]): Promise<void> {
  try {
    await client.send(new DeleteAlarmsCommand({ AlarmNames }))
  } catch (error) {
    // The existing ones are deleted all the same (API reference, DeleteAlarms).
    if (!(error instanceof ResourceNotFound)) throw error
  }
}

const statistics: Readonly<Record<AlarmMetric, Partial<PutMetricAlarmInput>>> = {
  errors: { MetricName: 'Invocation5XXErrors', Statistic: 'Average' },
  rejected: { MetricName: 'Invocation4XXErrors', Statistic: 'Average' },
  latency: { MetricName: 'ModelLatency', ExtendedStatistic: 'p99' },
}

/**
 * SageMaker's invocation metrics have the dimension EndpointConfigName while there are two fleets (developer guide,
 * "Auto-Rollback Configuration and Monitoring"), so an alarm on it ignores the old fleet.
 */
function input({ name, endpoint, config, metric, limit }: AlarmSpec): PutMetricAlarmInput {
  return {
    AlarmName: name,
    AlarmDescription: `Takes the deployment ${config} of the endpoint ${endpoint} back`,
    Namespace: 'AWS/SageMaker',
    Dimensions: [
      { Name: 'EndpointName', Value: endpoint },
      { Name: 'VariantName', Value: VARIANT },
      { Name: 'EndpointConfigName', Value: config },
    ],
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: limit,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...statistics[metric],
  }
}
