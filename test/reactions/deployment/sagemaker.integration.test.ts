import { afterAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling'
import { startSageMaker } from '../../../local/sagemaker/server.ts'
import { applicationAutoScaling, sagemaker, sagemakerRuntime } from '../../../src/aws/clients.ts'
import { sagemakerEndpoints } from '../../../src/reactions/deployment/aws/sagemaker.ts'
import { endpointScaling } from '../../../src/reactions/deployment/aws/scaling.ts'
import { type SageMakerWorld, testSageMaker } from './sagemaker.suite.ts'

const alarms = new Map<string, 'OK' | 'ALARM'>()
let container = { status: 200, body: '{"predictions":[1]}' }
const DURATION = 100
const SCALE = 0.005

const standIn = await startSageMaker({
  aws: process.env['AWS_ENDPOINT_URL']!,
  scale: SCALE,
  durations: { provision: DURATION, rollback: DURATION, delete: DURATION },
  containers: {
    launch: () => ({ kind: 'healthy' }),
    retire: () => undefined,
    invoke: async () => ({
      status: container.status,
      contentType: 'application/json',
      body: Buffer.from(container.body),
    }),
    stop: async () => undefined,
  },
  monitoring: { alarms: async () => alarms, invoked: async () => undefined },
})
// These take precedence over AWS_ENDPOINT_URL in the SDK.
Object.assign(process.env, standIn.environment)
const clients = { control: sagemaker(), runtime: sagemakerRuntime(), scaling: applicationAutoScaling() }

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy()
  await standIn.stop()
})

async function world(): Promise<SageMakerWorld> {
  return {
    sagemaker: {
      ...sagemakerEndpoints(clients.control, clients.runtime),
      ...endpointScaling(clients.scaling),
    },
    pass: (ms) => sleep(ms),
    duration: DURATION,
    second: 1000 * SCALE,
    failLaunches: (times, config) => standIn.plan({ failLaunches: { times, config } }),
    alarm: (name, state) => void alarms.set(name, state),
    answer: (status, body) => (container = { status, body }),
    async scaled(endpoint) {
      const ResourceIds = [`endpoint/${endpoint}/variant/AllTraffic`]
      const command = new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker', ResourceIds })
      const { ScalableTargets: [found] = [] } = await clients.scaling.send(command)
      return found && { min: found.MinCapacity!, max: found.MaxCapacity! }
    },
  }
}

testSageMaker('The stand-in, by our adapter', world)

test('throttled calls are retried by the SDK; an outage is thrown as it is', async () => {
  const { sagemaker: port } = await world()
  standIn.plan({ throttle: { times: 2, operation: 'DescribeEndpoint' } })
  expect(await port.endpoint('throttled')).toBeUndefined()
  standIn.plan({ throttle: { times: 3, operation: 'DescribeEndpoint' } })
  await expect(port.endpoint('throttled')).rejects.toMatchObject({ name: 'ThrottlingException' })
})

test.each([
  ['SageMaker.CreateHyperdrive', '{}', 'UnknownOperationException'],
  ['DynamoDB_20120810.ListTables', '{}', 'UnknownOperationException'],
  ['SageMaker.DescribeEndpoint', '{"EndpointName":', 'SerializationException'],
  ['SageMaker.DescribeEndpoint', '{}', 'ValidationException'],
])('%s of %s is answered as AWS answers: %s', async (target, body, name) => {
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }
  const answer = await fetch(standIn.endpoint, { method: 'POST', headers, body })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('x-amzn-errortype')).toBe(name)
  expect(await answer.json()).toMatchObject({ __type: name })
})
