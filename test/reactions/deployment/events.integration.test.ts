import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { LambdaClient, paginateListEventSourceMappings, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { secretsmanager, sqs } from '../../../src/aws/clients.ts'
import { names } from '../../../src/lake/resource-names.ts'
import { mlflowSigned } from '../../intake/webhook/signed.ts'
import { projectWith } from '../../world/project.ts'

const clients = {
  sqs: sqs(),
  secrets: secretsmanager(),
  events: new EventBridgeClient({}),
  lambda: new LambdaClient({}),
  stacks: new CloudFormationClient({}),
}
const called = names({ name: 'modelevents', stage: 'local' })

const lakeYml = `lake: modelevents
registries:
  main:
    mlflow: https://us-east-1.experiments.sagemaker.aws
    server: arn:aws:sagemaker:us-east-1:000000000000:mlflow-tracking-server/main
    artifacts: s3://modelevents-mlflow/artifacts
  own:
    mlflow: https://mlflow.example.com
    secret: modelevents/mlflow
    artifacts: s3://modelevents-mlflow/own
models:
  fares:
    registry: own
    promote: { alias: champion }
    endpoint: { name: modelevents-fares, instance: ml.m5.large }
  delay:
    registry: main
    promote: { alias: champion }
    endpoint: { name: modelevents-delay, instance: ml.m5.large }
`

const SECRET = 'of-the-webhook'

let queue: string
let remove = async (): Promise<void> => {}
beforeAll(async () => {
  await clients.secrets.send(
    new CreateSecretCommand({ Name: 'modelevents/mlflow', SecretString: JSON.stringify({ webhook: SECRET }) }),
  )
  const project = await projectWith(lakeYml)
  ;({ remove } = project)
  const { status, output } = await project.serverless('deploy', '--stage', 'local')
  expect([status, output]).toEqual([0, expect.stringContaining('deployed')])
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: called.queue('deployment') }))
  queue = QueueUrl!
  // The test reads the messages in place of the function.
  for await (const page of paginateListEventSourceMappings(
    { client: clients.lambda },
    { FunctionName: called.fn('deployment') },
  ))
    for (const { UUID } of page.EventSourceMappings ?? [])
      await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }))
}, 120_000)
afterAll(async () => {
  await remove()
  for (const client of Object.values(clients)) client.destroy()
})

describe('events of AWS services about models', () => {
  test.each([
    [
      'an endpoint of the lake',
      'aws.sagemaker',
      'SageMaker Endpoint State Change',
      { EndpointName: 'modelevents-delay' },
    ],
    [
      'a build of its containers',
      'aws.codebuild',
      'CodeBuild Build State Change',
      { 'project-name': called.imageBuilds, 'build-status': 'SUCCEEDED' },
    ],
    ['a managed MLflow', 'aws.sagemaker', 'SageMaker MLFlow Tracking Server Setting Registered Model Alias', {}],
    [
      'a managed MLflow, spelt as elsewhere',
      'aws.sagemaker',
      'SageMaker MLflow Tracking Server Setting Registered Model Alias',
      {},
    ],
  ])('%s: reaches the deployment queue', async (_what, source, detailType, detail) => {
    expect(await put(source, detailType, detail)).toBeUndefined()
    expect(await received()).toMatchObject({ source, 'detail-type': detailType, detail })
  })

  test('of other lakes reach no queue', async () => {
    await put('aws.sagemaker', 'SageMaker Endpoint State Change', { EndpointName: 'another' })
    await put('aws.sagemaker', 'SageMaker Model State Change', { EndpointName: 'modelevents-delay' })
    await put('aws.codebuild', 'CodeBuild Build State Change', {
      'project-name': 'another',
      'build-status': 'SUCCEEDED',
    })
    await put('aws.codebuild', 'CodeBuild Build State Change', {
      'project-name': called.imageBuilds,
      'build-status': 'IN_PROGRESS',
    })
    expect(await received(3)).toBeUndefined()
  })

  test('events that only claim to be from AWS are not delivered', async () => {
    expect(await put('aws.s3', 'Object Created', {})).toBe('NotAuthorizedForSourceException')
    expect(await put('aws.sagemaker', 'SageMaker Endpoint State Change', {}, called.bus)).toBe(
      'NotAuthorizedForSourceException',
    )
  })
})

describe('a delivery of a registry', () => {
  test('reaches the deployment queue through the HTTP API, once, with the rights that the webhook has', async () => {
    const about = {
      entity: 'model_version_alias',
      action: 'created',
      data: { name: 'fares', alias: 'champion', version: '3' },
    }
    const delivery = signed(JSON.stringify(about))
    expect(await deliver('own', delivery)).toBe(204)
    expect(await received()).toEqual({ subject: 'endpoint/modelevents-fares' })
    expect(await deliver('own', delivery)).toBe(204)
    expect(await received(3)).toBeUndefined()
  })

  const { headers, body } = signed('{}')
  const large = ' '.repeat(1_000_001)
  test.each<[string, Request]>([
    ['without headers', { body }],
    ['with another body than was signed', { headers, body: '{"entity":"x"}' }],
    ['that is too large', { ...signed(large) }],
    ['of bytes', { headers: { ...headers, 'content-type': 'application/octet-stream' }, body: '\0\u00ff' }],
    ['that is empty', { headers, body: '' }],
    ['with GET', { headers, method: 'GET' }],
    ['with PUT', { headers, method: 'PUT', body: '{"entity":"x"}' }],
    ['with Basic credentials', { headers: { authorization: 'Basic eDp5' }, body }],
  ])('%s is answered alike at every path, and tells a stranger nothing', async (_what, request) => {
    const first = await answer('registries/nobody', request)
    expect([401, 404]).toContain(first.status)
    for (const path of ['registries/own', 'registries/main', 'registries/own/', 'databricks/jobs', 'anything'])
      expect([path, await answer(path, request)]).toEqual([path, first])
  })

  test('is rejected at any other path', async () => {
    expect(await answer('registries/nobody', { headers, body })).toMatchObject({ status: 401, body: '' })
  })
})

interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function signed(body: string): Signed {
  return { headers: { 'content-type': 'application/json', ...mlflowSigned(body, { secret: SECRET }) }, body }
}

type Request = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

async function deliver(registry: string, request: Request): Promise<number> {
  return (await answer(`registries/${registry}`, request)).status
}

/** What a sender sees, without the headers that differ for each request. */
async function answer(path: string, request: Request) {
  const { Stacks } = await clients.stacks.send(new DescribeStacksCommand({ StackName: called.stack }))
  const api = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'HttpApiId')?.OutputValue
  const address = `${process.env['AWS_ENDPOINT_URL']}/_aws/execute-api/${api}/$default/${path}`
  const response = await fetch(address, { method: 'POST', ...request })
  const headers = [...response.headers].filter(([name]) => !/^date$|request-?id|-id-2$/i.test(name))
  return { status: response.status, headers, body: await response.text() }
}

/** The error code if EventBridge rejected the event; `undefined` if it accepted it. */
async function put(
  Source: string,
  DetailType: string,
  detail: object,
  EventBusName?: string,
): Promise<string | undefined> {
  const entry = { Source, DetailType, Detail: JSON.stringify(detail), ...(EventBusName && { EventBusName }) }
  const { Entries } = await clients.events.send(new PutEventsCommand({ Entries: [entry] }))
  return Entries![0]!.ErrorCode
}

/** Receives the message in the queue and returns its event; `undefined` if none arrives in time. */
async function received(WaitTimeSeconds = 10): Promise<unknown> {
  const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds }))
  for (const { ReceiptHandle } of Messages)
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }))
  return Messages[0] === undefined ? undefined : JSON.parse(Messages[0].Body!)
}
