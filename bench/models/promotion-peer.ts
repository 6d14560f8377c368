import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation'
import { SIGN } from '../counting-proxy.ts'
import type { Local } from './promotion-lake.ts'

/** The registered model whose promotions the peer gets. No model of the lake uses it. */
export const PEER_MODEL = 'peer'
const NAME = 'bench-peer'

/**
 * The same path without any work: a second webhook of the MLflow server delivers to a route of an HTTP API. Its function puts
 * the body into a queue, whose function signals that it ran. MLflow sends every delivery to both webhooks; the one that is not
 * measured ignores it.
 */
export async function makePeer({ emulator, mlflow, counted }: Local): Promise<void> {
  const client = new CloudFormationClient({})
  const TemplateBody = JSON.stringify(template(emulator.endpoint, counted))
  await client.send(new CreateStackCommand({ StackName: NAME, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }))
  await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1 }, { StackName: NAME })
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: NAME }))
  client.destroy()
  const api = Stacks?.[0]?.Outputs?.[0]?.OutputValue
  await createWebhook(mlflow.host, `${emulator.endpoint}/_aws/execute-api/${api}/$default/peer`)
}

async function createWebhook(host: string, url: string): Promise<void> {
  const events = [{ entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' }]
  const answer = await fetch(`${host}/api/2.0/mlflow/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: NAME, url, events, status: 'ACTIVE' }),
  })
  if (!answer.ok) throw new Error(`MLflow did not create the peer's webhook: ${await answer.text()}`)
}

function template(endpoint: string, counted: string): object {
  const Role = { 'Fn::GetAtt': ['Role', 'Arn'] }
  const lambda = (ZipFile: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role, Code: { ZipFile } },
  })
  const ApiId = { Ref: 'Api' }
  return {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: role },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: NAME } },
      Receiver: lambda(receiver(endpoint)),
      Noop: lambda(noop(counted)),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Noop' },
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          BatchSize: 1,
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: NAME, ProtocolType: 'HTTP' } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId, StageName: '$default', AutoDeploy: true },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['Receiver', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId,
          RouteKey: 'POST /peer',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'Receiver' },
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
        },
      },
    },
    Outputs: { Api: { Value: ApiId } },
  }
}

const role = {
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
  Policies: [
    {
      PolicyName: 'queue',
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }] },
    },
  ],
}

/** As the emulator's root user, who needs no signature: an SDK would only make it slower. */
function receiver(endpoint: string): string {
  return `exports.handler = async ({ body, isBase64Encoded }) => {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body
  if (JSON.parse(text).data.name !== '${PEER_MODEL}') return { statusCode: 204 }
  const { ok } = await fetch('${endpoint}', {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
    },
    body: JSON.stringify({ QueueUrl: '${endpoint}/000000000000/${NAME}', MessageBody: text }),
  })
  return { statusCode: ok ? 204 : 500 }
}`
}

function noop(counted: string): string {
  return `exports.handler = async ({ Records }) => {
  for (const { body } of Records) await fetch('${counted}${SIGN}' + JSON.parse(body).data.version)
}`
}
