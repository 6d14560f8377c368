import { describe, expect, test } from '@jest/globals'
import { functionsOf } from '../../infra/functions.ts'
import { stack } from '../../infra/stack.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { lakeWithJobs, lakeWithModels, model } from './lakes.ts'
import { bySid, resources, settings } from './rights.ts'

describe('the webhook', () => {
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
    expect(stack(managed, settings).extensions).toBeUndefined()
    expect(stack(jobs, settings).extensions).toEqual({
      HttpApiStage: { Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } } },
    })
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
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['delivery/*'] } },
    })
    expect(both['Secret']?.Resource).toEqual([
      'secretsmanager:R:A:secret:landfall/databricks-??????',
      'secretsmanager:R:A:secret:landfall/mlflow-??????',
    ])
    expect(Object.keys(bySid(lakeWithJobs(1), 'WebhookRole'))).not.toContain('Deliveries')
  })
})
