import { afterAll, expect, test } from '@jest/globals'
import { DescribeAlarmsCommand, paginateDescribeAlarms, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { cloudwatchAlarms } from '../../../src/reactions/deployment/aws/alarms.ts'
import { cloudwatch } from '../../../src/aws/clients.ts'
import { spec, testAlarms } from './alarms.suite.ts'

const client = cloudwatch()
const alarms = cloudwatchAlarms(client, { 'landfall:lake': 'suite' })
afterAll(() => client.destroy())

testAlarms('CloudWatch', async () => ({
  alarms,
  async names() {
    const found: string[] = []
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, {}))
      found.push(...MetricAlarms.map(({ AlarmName = '' }) => AlarmName))
    return found.sort()
  },
}))

test("latency is alarmed at p99 in SageMaker's microseconds, and missing data does not fire", async () => {
  await alarms.put([spec('shape', 'latency')])
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['shape-latency'] }))
  expect(MetricAlarms).toMatchObject([
    {
      Namespace: 'AWS/SageMaker',
      MetricName: 'ModelLatency',
      ExtendedStatistic: 'p99',
      Threshold: 250_000,
      ComparisonOperator: 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    },
  ])
})

async function state(name: string): Promise<string | undefined> {
  const { MetricAlarms: [alarm] = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
  return alarm?.StateValue
}

async function serve(config: string, values: readonly number[]): Promise<void> {
  const Dimensions = [
    { Name: 'EndpointName', Value: 'fires' },
    { Name: 'VariantName', Value: 'AllTraffic' },
    { Name: 'EndpointConfigName', Value: config },
  ]
  const MetricData = values.map((Value) => ({ MetricName: 'Invocation5XXErrors', Dimensions, Value }))
  await client.send(new PutMetricDataCommand({ Namespace: 'AWS/SageMaker', MetricData }))
}

test('errors of the new fleet fire the alarm, those of the old one do not', async () => {
  await alarms.put([spec('fires', 'errors')])
  await serve('fires-v0-00000000', [1, 1, 1])
  await serve('fires-v1-00000000', [0, 0, 0])
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(await state('fires-errors')).not.toBe('ALARM')
  await serve('fires-v1-00000000', [1, 0, 1])
  for (let i = 0; i < 40 && (await state('fires-errors')) !== 'ALARM'; i++)
    await new Promise((resolve) => setTimeout(resolve, 250))
  expect(await state('fires-errors')).toBe('ALARM')
}, 30_000)
