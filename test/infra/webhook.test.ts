import { describe, expect, test } from '@jest/globals'
import { functionsOf } from '../../infra/functions.ts'
import { stack } from '../../infra/stack.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeOf, lakeWithJobs, lakeWithModels, model } from './lakes.ts'
import { bySid, resources, settings } from './rights.ts'

const stage = (lake: Lake) => stack(lake, settings).extensions!['HttpApiStage']!.Properties

describe('the webhook', () => {
  test('has a log of all calls that holds nothing that the caller wrote, since any of it may be a credential', () => {
    const { DestinationArn, Format } = stage(lakeWithJobs(1))['AccessLogSettings'] as Record<string, string>
    expect(DestinationArn).toEqual({ 'Fn::GetAtt': ['HttpApiLogs', 'Arn'] })
    // API Gateway requires the id (its developer guide, "Customize HTTP API access logs").
    expect(Object.values(JSON.parse(Format!) as Record<string, string>).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      '$context.error.responseType',
      '$context.identity.sourceIp',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ])
    expect(resources(lakeOf(1))['HttpApiLogs']).toBeUndefined()
  })

  test('reserves concurrency only if lake.yml says so: AWS refuses it in a new account', () => {
    const reserved = (lake: Lake) => functionsOf(lake, (values) => values)['webhook']!.reservedConcurrency
    expect(reserved(lakeWithJobs(1))).toBeUndefined()
    expect(reserved({ ...lakeWithJobs(1), limits: { webhook: 7 } })).toBe(7)
  })

  test('has one route for every path, so that its 404 tells nothing, and is throttled', () => {
    const events = (lake: Lake) => functionsOf(lake, (values) => values)['webhook']?.events
    const everyPath = [{ httpApi: { method: 'POST', path: '/{proxy+}' } }]
    const { registries } = lakeWithModels([])
    const models = { delay: model('delay') }
    const jobs = lakeWithJobs(1)
    expect(events(jobs)).toEqual(everyPath)
    expect(events({ ...jobs, models, registries })).toEqual(everyPath)
    expect(events(lakeWithModels([model('delay')]))).toEqual(everyPath)
    const managed = {
      ...lakeWithModels([model('delay', 'sagemaker')]),
      registries: { sagemaker: registries['sagemaker']! },
    }
    expect(events(managed)).toBeUndefined()
    expect(resources(managed)['WebhookRole']).toBeUndefined()
    expect(stack(managed, settings).extensions).toEqual({})
    expect(stage(jobs)['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 50 })
  })

  test('may send to its queues, and access only deliveries in the ledger', () => {
    const { registries } = lakeWithModels([])
    const both = bySid({ ...lakeWithJobs(1), models: { delay: model('delay') }, registries }, 'WebhookRole')
    expect(both['Wake']?.Resource).toEqual([
      expect.stringContaining('JobQueue'),
      expect.stringContaining('DeploymentQueue'),
    ])
    expect(both['Deliveries']).toEqual({
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      Resource: [expect.stringContaining('Ledger')],
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['delivery/*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    })
    expect(both['Secret']?.Resource).toEqual([
      'secretsmanager:R:A:secret:landfall/databricks-??????',
      'secretsmanager:R:A:secret:landfall/mlflow-??????',
    ])
    expect(Object.keys(bySid(lakeWithJobs(1), 'WebhookRole'))).not.toContain('Deliveries')
  })
})
