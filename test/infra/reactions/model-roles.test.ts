import { describe, expect, test } from '@jest/globals'
import { lakeWithModels, model } from '../lakes.ts'
import { bySid, resources, role } from '../rights.ts'

describe('the role that a model runs as', () => {
  test('exists for each model without its own, and only SageMaker in this account can assume it', () => {
    const lake = lakeWithModels([
      model('delay'),
      model('fares', 'mlflow', { role: 'arn:aws:iam::1:role/theirs' }),
      model('gates'),
    ])
    expect(Object.keys(resources(lake)).filter((id) => id.startsWith('ModelRole'))).toEqual([
      'ModelRoleDelay',
      'ModelRoleGates',
    ])
    expect(role(lake, 'ModelRoleDelay').AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'sagemaker.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: {
            'aws:SourceArn': { 'Fn::Sub': 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:*' },
          },
        },
      },
    ])
  })

  test('is kept when its model is removed from lake.yml, since the endpoint still serves; not in the stage local', () => {
    const kept = (stage: string) => {
      const { DeletionPolicy, UpdateReplacePolicy } = resources(lakeWithModels([model('a')], { stage }))['ModelRoleA']!
      return [DeletionPolicy, UpdateReplacePolicy]
    }
    expect(kept('prod')).toEqual(['RetainExceptOnCreate', 'Retain'])
    expect(kept('local')).toEqual(['Delete', 'Delete'])
  })

  test('may read its registry’s artifacts, pull MLflow’s containers, and write logs and metrics', () => {
    expect(bySid(lakeWithModels([model('delay')]), 'ModelRoleDelay')).toEqual({
      ReadModel: { Action: ['s3:GetObject'], Resource: ['s3:::flights-mlflow/artifacts/*'] },
      ListModel: {
        Action: ['s3:ListBucket'],
        Resource: ['s3:::flights-mlflow'],
        Condition: { StringLikeIfExists: { 's3:prefix': ['artifacts/*'] } },
      },
      RollbackAlarms: {
        Action: ['cloudwatch:DescribeAlarms'],
        Resource: ['cloudwatch:R:A:alarm:landfall-flights-prod-delay--v*'],
      },
      Image: {
        Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
        Resource: ['{"Fn::GetAtt":["ImageRepository","Arn"]}'],
      },
      Registry: { Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
      Logs: {
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        Resource: [
          'logs:R:A:log-group:/aws/sagemaker/Endpoints/delay',
          'logs:R:A:log-group:/aws/sagemaker/Endpoints/delay:*',
        ],
      },
      Metrics: {
        Action: ['cloudwatch:PutMetricData'],
        Resource: '*',
        Condition: { StringLike: { 'cloudwatch:namespace': '/aws/sagemaker/*' } },
      },
    })
  })

  test('of a packed model may read its packages but no artifacts, write captured data and pull its own image', () => {
    const { endpoint, ...rest } = model('delay', 'mlflow', {
      package: { bucket: 'flights-lake', prefix: 'packages' },
      image: '999999999999.dkr.ecr.eu-west-1.amazonaws.com/team/delay@sha256:0f',
    })
    const capture = {
      to: { bucket: 'flights-lake', prefix: 'captured/delay' },
      sample: 10,
      json: ['application/json'],
      csv: ['text/csv'],
    }
    const access = bySid(lakeWithModels([{ ...rest, endpoint: { ...endpoint, capture } }]), 'ModelRoleDelay')
    expect(access['ReadModel']?.Resource).toEqual(['s3:::flights-lake/packages/delay--v*/model.tar.gz'])
    expect(access['Capture']).toEqual({
      Action: ['s3:PutObject'],
      Resource: ['s3:::flights-lake/captured/delay/*'],
    })
    expect(access['Image']?.Resource).toEqual(['ecr:eu-west-1:999999999999:repository/team/delay'])
    expect(JSON.stringify(access)).not.toContain('flights-mlflow')
  })
})
