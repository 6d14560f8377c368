import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { RETENTION_DAYS } from '../../infra/log-groups.ts'
import { lakeOf, lakeOfModels, lakeWithModels, model } from './lakes.ts'
import { bySid, resources } from './rights.ts'

describe('logs that are never deleted', () => {
  test('are in no group of the stack, nor in those of the functions, which osls makes', async () => {
    const groups = Object.values(resources(lakeWithModels([model('delay')]))).filter(
      ({ Type }) => Type === 'AWS::Logs::LogGroup',
    )
    expect(groups.map(({ Properties }) => [Properties['LogGroupName'], Properties['RetentionInDays']])).toEqual([
      ['/aws/codebuild/landfall-flights-prod-mlflow', RETENTION_DAYS],
      ['/aws/vendedlogs/http-api/landfall-flights-prod', RETENTION_DAYS],
    ])
    const yml = parse(await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8'), {
      logLevel: 'silent',
    }) as {
      provider: { logRetentionInDays: number }
    }
    expect(yml.provider.logRetentionInDays).toBe(RETENTION_DAYS)
  })

  test('are in no group of an endpoint: one resource sets up all of them, however many models there are', () => {
    const logs = (lake: Parameters<typeof resources>[0]) =>
      Object.values(resources(lake)).filter(({ Type }) => Type === 'Custom::LogGroups')
    expect(logs(lakeWithModels([model('gates'), model('Delay')]))).toEqual([
      expect.objectContaining({
        Properties: {
          ServiceToken: { 'Fn::GetAtt': ['EndpointDashlogsLambdaFunction', 'Arn'] },
          ServiceTimeout: '300',
          Names: ['/aws/sagemaker/Endpoints/Delay', '/aws/sagemaker/Endpoints/gates'],
          RetentionInDays: String(RETENTION_DAYS),
        },
      }),
    ])
    expect(logs(lakeOfModels(200))).toHaveLength(1)
    expect(logs(lakeOf(1))).toEqual([])
  })

  test('are set up by a function that may change no other group', () => {
    const of = (models: number) => bySid(lakeOfModels(models), 'EndpointDashlogsRole')['EndpointLogs']
    const name = 'logs:R:A:log-group:/aws/sagemaker/Endpoints/airline-delay-prediction-0'
    expect(of(1)).toEqual({
      Action: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:AssociateKmsKey', 'logs:DisassociateKmsKey'],
      Resource: [name, `${name}:*`],
    })
    expect(of(200)?.Resource).toEqual([
      'logs:R:A:log-group:/aws/sagemaker/Endpoints/*',
      'logs:R:A:log-group:/aws/sagemaker/Endpoints/*:*',
    ])
  })
})
