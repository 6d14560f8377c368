import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parser } from '../../../src/reactions/deployment/messages.ts'
import { Refused } from '../../../src/core/refused.ts'
import { lake } from '../../intake/webhook/world.ts'

const parse = parser(lake)
const woken = (message: unknown) => parse(message).map(({ subject }) => subject)
const event = (source: string, type: string, detail: unknown) => ({
  version: '0',
  id: 'd0c1',
  'detail-type': type,
  source,
  account: '123456789012',
  time: '2026-11-22T18:00:00Z',
  region: 'eu-west-1',
  resources: [],
  detail,
})
const withoutImage = ['churn', 'churn-eu', 'churn-other', 'odd', 'churn-workspace', 'delay-managed']

describe('a message of the deployment queue', () => {
  test.each([
    [{ subject: 'endpoint/churn' }],
    [{ subject: 'endpoint/churn', full: true }],
    [{ subject: 'endpoint/churn', version: 3 }],
  ])('that is a wake-up is one: %j', (wake) => {
    expect(parse(wake)).toEqual([wake])
  })

  test.each(['SageMaker Endpoint State Change', 'SageMaker Endpoint Deployment State Change'])(
    '%s wakes the endpoint if it is of this lake, by its exact name',
    (type) => {
      const of = (EndpointName: unknown) => event('aws.sagemaker', type, { EndpointName, EndpointStatus: 'IN_SERVICE' })
      expect(parse(of('churn-eu'))).toEqual([{ subject: 'endpoint/churn-eu' }])
      expect(woken(of('Churn-EU'))).toEqual([])
      expect(woken(of('somebody-elses'))).toEqual([])
      expect(() => woken(of(undefined))).toThrow(Refused)
      expect(() => woken({ ...of('churn-eu'), source: 'aws.s3' })).toThrow(Refused)
    },
  )

  test('a build event wakes all endpoints except those whose model names an image', () => {
    const detail = { 'project-name': 'flights-prod-images', 'build-status': 'SUCCEEDED' }
    const message = event('aws.codebuild', 'CodeBuild Build State Change', detail)
    expect(woken(message)).toEqual(withoutImage.map((name) => `endpoint/${name}`))
  })

  const all = ['endpoint/churn-managed', 'endpoint/delay-managed']
  test.each([
    ['names nothing', {}, all],
    ['names a model', { ModelName: 'delay' }, ['endpoint/delay-managed']],
    ['names it somewhere', { a: [{ b: { name: 'delay' } }], n: 1, x: null }, ['endpoint/delay-managed']],
    ['names a model that nobody serves', { ModelName: 'other' }, all],
    ['names two', { from: 'delay', to: 'churn' }, all],
    ['has an alias called as a model', { AliasName: 'delay', Tags: { x: 'delay' } }, all],
  ])('an event of SageMaker-managed MLflow, whose detail %s', (_what, detail, expected) => {
    for (const type of ['Setting Registered Model Alias', 'Transitioning ModelVersion Stage'])
      expect(woken(event('aws.sagemaker', `SageMaker MLFlow Tracking Server ${type}`, detail))).toEqual(expected)
  })

  test('an event of SageMaker-managed MLflow wakes nothing if no registry of the lake is managed', () => {
    const { managed: _, ...registries } = lake.registries
    const message = event('aws.sagemaker', 'SageMaker MLFlow Tracking Server Creating Run', { ModelName: 'delay' })
    expect(parser({ models: lake.models, registries })(message)).toEqual([])
  })

  test('that is anything else is refused, and nothing else is thrown', () => {
    const details = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()))
    const types = fc.constantFrom('SageMaker Model State Change', 'SageMaker Endpoint State Change', 'x')
    const messages = fc.oneof(
      fc.jsonValue(),
      details,
      fc.record({ source: fc.constant('aws.s3'), 'detail-type': types, detail: details }),
      fc.record({
        source: fc.constant('aws.sagemaker'),
        'detail-type': fc.constant('SageMaker MLFlow'),
        detail: details,
      }),
    )
    fc.assert(
      fc.property(messages, (message) => {
        expect(() => parse(message)).toThrow(expect.objectContaining({ name: 'Refused', code: 'not-a-wake' }))
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    )
  })
})
