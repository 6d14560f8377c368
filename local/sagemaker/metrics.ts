import { type CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Milliseconds } from '../../src/core/time.ts'
import type { Fleet } from './core/state.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

/** The metrics that SageMaker sends to CloudWatch, and the alarms that it reads. */
export interface Monitoring {
  /** The states of those that exist. */
  alarms(names: readonly string[]): Promise<ReadonlyMap<string, AlarmState>>
  /** @param latency of the model */
  invoked(fleet: Fleet, status: number, latency: Milliseconds): Promise<void>
}

export function cloudWatchMonitoring(client: CloudWatchClient): Monitoring {
  return {
    async alarms(names) {
      const { MetricAlarms: found = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [...names] }))
      return new Map(found.map(({ AlarmName: name = '', StateValue: state = 'OK' }) => [name, state]))
    },
    async invoked(fleet, status, latency) {
      const Timestamp = new Date()
      const values = [
        ['Invocations', 1, 'None'],
        ['Invocation4XXErrors', status >= 400 && status < 500 ? 1 : 0, 'None'],
        ['Invocation5XXErrors', status >= 500 ? 1 : 0, 'None'],
        ['ModelLatency', latency * 1000, 'Microseconds'],
      ] as const
      const MetricData = dimensionsOf(fleet).flatMap((Dimensions) =>
        values.map(([MetricName, Value, Unit]) => ({ MetricName, Value, Unit, Dimensions, Timestamp })),
      )
      await client.send(new PutMetricDataCommand({ Namespace: 'AWS/SageMaker', MetricData }))
    },
  }
}

/** Those of the variant, and those of one configuration's fleet, which separate new from old during an update. */
function dimensionsOf({ endpoint, config }: Fleet): { Name: string; Value: string }[][] {
  const variant = [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'VariantName', Value: config.variant.VariantName },
  ]
  return [variant, [...variant, { Name: 'EndpointConfigName', Value: config.input.EndpointConfigName }]]
}
