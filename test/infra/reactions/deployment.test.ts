import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/node/sha256.ts'
import { environmentHere, resolvedHere } from '../../../infra/local-environment.ts'
import { functionsOf } from '../../../infra/functions.ts'
import { environment, stack } from '../../../infra/stack.ts'
import { readConfig } from '../../../src/lambda/config.ts'
import { modelRoleArn, names } from '../../../src/lake/resource-names.ts'
import type { SageMakerRegistry } from '../../../src/registry/settings.ts'
import { alarmName, configName, packageLocation } from '../../../src/reactions/deployment/resource-names.ts'
import { lakeOf, lakeOfModels, lakeWithModels, model } from '../lakes.ts'
import { bySid, matches, pattern, resources, role, settings } from '../rights.ts'

describe('a lake without models', () => {
  test('has no queue, rule, role or route for them', () => {
    const { registries } = lakeWithModels([])
    for (const lake of [lakeOf(1), lakeOf(1, { registries })]) {
      const ids = Object.keys(resources(lake))
      expect(ids.filter((id) => /deployment|model|endpoint|image|webhook|mlflow/i.test(id))).toEqual([])
      expect(stack(lake, settings).extensions).toEqual({})
    }
  })
})

describe('the deployment function', () => {
  test('has rights on its endpoints, and on models, configurations and alarms named after them', () => {
    const access = bySid(lakeWithModels([model('Delay')]), 'DeploymentRole')
    expect(access).toMatchObject({
      Queue: { Resource: [expect.stringContaining('DeploymentQueue')] },
      Wake: { Action: ['sqs:SendMessage'], Resource: [expect.stringContaining('DeploymentQueue')] },
      Ledger: { Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      Secret: { Resource: ['secretsmanager:R:A:secret:landfall/mlflow-??????'] },
    })
    expect(access['Endpoints']).toEqual({
      Action: [
        'sagemaker:CreateEndpoint',
        'sagemaker:UpdateEndpoint',
        'sagemaker:AddTags',
        'sagemaker:ListTags',
        'sagemaker:DescribeEndpoint',
        'sagemaker:DeleteEndpoint',
        'sagemaker:InvokeEndpoint',
        'sagemaker:UpdateEndpointWeightsAndCapacities',
      ],
      Resource: ['sagemaker:R:A:endpoint/delay', 'sagemaker:R:A:endpoint/Delay'],
    })
    expect(access['Configs']).toEqual({
      Action: [
        'sagemaker:CreateEndpoint',
        'sagemaker:UpdateEndpoint',
        'sagemaker:AddTags',
        'sagemaker:CreateEndpointConfig',
        'sagemaker:DescribeEndpointConfig',
        'sagemaker:DeleteEndpointConfig',
      ],
      Resource: ['sagemaker:R:A:endpoint-config/delay--v*', 'sagemaker:R:A:endpoint-config/Delay--v*'],
    })
    expect(access['Models']).toEqual({
      Action: ['sagemaker:AddTags', 'sagemaker:CreateModel', 'sagemaker:DescribeModel', 'sagemaker:DeleteModel'],
      Resource: ['sagemaker:R:A:model/delay--v*', 'sagemaker:R:A:model/Delay--v*'],
    })
    expect(access['Alarms']).toEqual({
      Action: [
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:DeleteAlarms',
        'cloudwatch:TagResource',
      ],
      Resource: ['cloudwatch:R:A:alarm:landfall-flights-prod-Delay--v*'],
    })
    expect(access['ReadArtifacts']).toEqual({
      Action: ['s3:GetObject'],
      Resource: ['s3:::flights-mlflow/artifacts/*'],
    })
    expect(access['ListArtifacts']).toEqual({
      Action: ['s3:ListBucket'],
      Resource: ['s3:::flights-mlflow'],
      Condition: { StringLikeIfExists: { 's3:prefix': ['artifacts/*'] } },
    })
    expect(access['PassRoles']).toEqual({
      Action: ['iam:PassRole'],
      Resource: [expect.stringMatching(/^iam::A:role\/landfall-R-[0-9a-f]{8}-delay-[0-9a-f]{8}$/)],
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    })
    expect(Object.keys(access)).not.toContain('Packages')
    expect(Object.keys(access)).not.toContain('Mlflow')
  })

  test('has rights on the names that the reaction chooses', () => {
    const name = `${'long-'.repeat(8)}-Endpoint-of-sixty-three-char`
    const one = model('m', 'mlflow', { package: { bucket: 'flights-lake', prefix: 'packages' } })
    const packed = { ...one, endpoint: { ...one.endpoint, name } }
    const lake = lakeWithModels([packed])
    const config = configName(packed, { version: '3', source: 's3://x' }, 'landfall-x', sha256)
    const { bucket, prefix } = packageLocation(config, packed.package!)
    const allowed = (sid: string, resource: string) =>
      (bySid(lake, 'DeploymentRole')[sid]!.Resource as string[]).some((one) => matches(one, resource))
    expect(allowed('Configs', `sagemaker:R:A:endpoint-config/${config.toLowerCase()}`)).toBe(true)
    expect(allowed('Models', `sagemaker:R:A:model/${config.toLowerCase()}`)).toBe(true)
    expect(allowed('Alarms', `cloudwatch:R:A:alarm:${alarmName(names(lake).stack, config, 'errors')}`)).toBe(true)
    expect(allowed('Packages', `s3:::${bucket}/${prefix}`)).toBe(true)
    expect(allowed('Packages', 's3:::flights-lake/silver/table_0/part-0.parquet')).toBe(false)
    expect(allowed('Configs', 'sagemaker:R:A:endpoint-config/another--v1-01234567')).toBe(false)
  })

  test('may scale endpoints, and create the role that AWS needs for it, only if a model is autoscaled', () => {
    const scaled = bySid(lakeOfModels(1), 'DeploymentRole')
    expect(scaled['Scaling']).toEqual({
      Action: [
        'application-autoscaling:DeregisterScalableTarget',
        'application-autoscaling:RegisterScalableTarget',
        'application-autoscaling:PutScalingPolicy',
      ],
      Resource: ['application-autoscaling:R:A:scalable-target/*'],
      Condition: { StringEquals: { 'application-autoscaling:service-namespace': 'sagemaker' } },
    })
    expect(scaled['Endpoints']?.Action).toContain('sagemaker:UpdateEndpointWeightsAndCapacities')
    expect(scaled['ScalingRole']?.Condition).toEqual({
      StringEquals: { 'iam:AWSServiceName': 'sagemaker.application-autoscaling.amazonaws.com' },
    })
    const fixed = bySid(lakeWithModels([model('delay')]), 'DeploymentRole')
    expect(fixed['Scaling']?.Action).toEqual(['application-autoscaling:DeregisterScalableTarget'])
    expect(Object.keys(fixed)).not.toContain('ScalingRole')
    // The model may have been autoscaled before.
    expect(fixed['ScalingAlarms']).toEqual(scaled['ScalingAlarms'])
    expect(fixed['DescribeAlarms']).toEqual(scaled['DescribeAlarms'])
    const { endpoint, ...rest } = model('delay')
    const serverless = {
      ...rest,
      endpoint: { ...endpoint, compute: { kind: 'serverless', memory: 2048, concurrency: 5 } as const },
    }
    expect(Object.keys(bySid(lakeWithModels([serverless]), 'DeploymentRole'))).not.toContain('Scaling')
  })

  test('passes the permission checks of Application Auto Scaling, which name no alarm', () => {
    const scaled = lakeOfModels(1)
    const may = (action: string, resource: string) =>
      Object.values(bySid(scaled, 'DeploymentRole')).some(
        ({ Action, Resource }) =>
          Action.includes(action) && typeof Resource !== 'string' && Resource.some((one) => matches(one, resource)),
      )
    expect(may('cloudwatch:DescribeAlarms', 'cloudwatch:R:A:alarm:*')).toBe(true)
    for (const action of ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms']) {
      expect(may(action, 'cloudwatch:R:A:alarm:')).toBe(true)
      expect(may(action, 'cloudwatch:R:A:alarm:TargetTracking-endpoint/e/variant/AllTraffic-AlarmHigh-0f')).toBe(true)
      expect(may(action, 'cloudwatch:R:A:alarm:theirs')).toBe(false)
    }
  })

  test('calls a managed MLflow with its own role and no secret', () => {
    const access = bySid(lakeWithModels([model('delay', 'sagemaker')]), 'DeploymentRole')
    expect(access['Mlflow']?.Resource).toEqual([
      'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/main',
    ])
    expect(access['Mlflow']?.Action).toEqual([
      'sagemaker-mlflow:GetRegisteredModel',
      'sagemaker-mlflow:GetModelVersionByAlias',
      'sagemaker-mlflow:GetLatestModelVersions',
      'sagemaker-mlflow:SearchModelVersions',
      'sagemaker-mlflow:GetDownloadURIForModelVersionArtifacts',
      'sagemaker-mlflow:SetModelVersionTag',
    ])
    expect(access['ReadArtifacts']?.Resource).toEqual(['s3:::flights-managed/*'])
    expect(Object.keys(access)).not.toContain('Secret')
  })

  test('calls an MLflow App with the one right that it has', () => {
    const lake = lakeWithModels([model('delay', 'sagemaker')])
    const server = 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/app-GBU5I6LYU4G7'
    const sagemaker = { ...(lake.registries['sagemaker'] as SageMakerRegistry), server }
    const access = bySid({ ...lake, registries: { ...lake.registries, sagemaker } }, 'DeploymentRole')
    expect(access['MlflowApps']).toMatchObject({ Action: ['sagemaker:CallMlflowAppApi'], Resource: [server] })
    expect(Object.keys(access)).not.toContain('Mlflow')
  })

  test('handles one message at a time, and gets the prefix of model roles from its environment', () => {
    const lake = lakeWithModels([model('delay'), model('fares', 'mlflow', { role: 'arn:aws:iam::1:role/theirs' })])
    const { events = [], environment: own = {} } = functionsOf(lake, (values) => values)['deployment']!
    expect(events[0]).toMatchObject({ sqs: { batchSize: 1, maximumConcurrency: 10 } })
    expect(Object.keys(own)).toEqual(['MODEL_ROLES'])
    const here = {
      ...environmentHere(lake, 'lake.json', 'http://127.0.0.1:4566'),
      ...resolvedHere(own, 'eu-west-1'),
    }
    expect(Object.keys(here).sort()).toEqual(
      [...Object.keys(environment(lake, 'lake.json')), ...Object.keys(own)].sort(),
    )
    const { modelRoles } = readConfig(here)
    const made = role(lake, 'ModelRoleDelay').RoleName!['Fn::Sub'].replace('${AWS::Region}', 'eu-west-1')
    expect(made.length).toBeLessThanOrEqual(64)
    expect(modelRoleArn(lake.models['delay']!, modelRoles!, sha256)).toBe(`arn:aws:iam::000000000000:role/${made}`)
    expect(modelRoleArn(lake.models['fares']!, modelRoles!, sha256)).toBe('arn:aws:iam::1:role/theirs')
  })

  test('has no rights on images if every model has its own', () => {
    const lake = lakeWithModels([
      model('delay', 'mlflow', { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1' }),
    ])
    expect(Object.keys(bySid(lake, 'DeploymentRole')).filter((sid) => sid.startsWith('Image'))).toEqual([])
    expect(resources(lake)['ImageBuildsRule']).toBeUndefined()
  })
})

describe('what wakes deployments', () => {
  test('events of its endpoints, of builds of its containers, and of SageMaker’s MLflow', () => {
    const lake = lakeWithModels([model('delay', 'sagemaker'), model('fares')])
    expect(pattern(lake, 'EndpointsRule')).toEqual({
      source: ['aws.sagemaker'],
      'detail-type': ['SageMaker Endpoint State Change'],
      detail: { EndpointName: ['delay', 'fares'] },
    })
    expect(pattern(lake, 'ImageBuildsRule')).toEqual({
      source: ['aws.codebuild'],
      'detail-type': ['CodeBuild Build State Change'],
      detail: {
        'build-status': expect.arrayContaining(['SUCCEEDED', 'FAILED']),
        'project-name': ['landfall-flights-prod-mlflow'],
      },
    })
    expect(pattern(lake, 'MlflowRule')).toEqual({
      source: ['aws.sagemaker'],
      'detail-type': [{ prefix: 'SageMaker MLFlow' }, { prefix: 'SageMaker MLflow' }],
    })
    const policy = JSON.stringify(resources(lake)['DeploymentQueuePolicy'])
    for (const id of ['EndpointsRule', 'ImageBuildsRule', 'MlflowRule']) {
      expect(resources(lake)[id]?.Properties['EventBusName']).toBeUndefined()
      expect(policy).toContain(`"${id}"`)
    }
    expect(pattern(lakeWithModels([model('fares')]), 'MlflowRule')).toBeUndefined()
  })

  test('events of all endpoints in the account, if there are more than a pattern holds', () => {
    expect(JSON.stringify(pattern(lakeOfModels(40), 'EndpointsRule'))).toContain('airline-delay-prediction-39')
    expect(pattern(lakeOfModels(200), 'EndpointsRule')).toEqual({
      source: ['aws.sagemaker'],
      'detail-type': ['SageMaker Endpoint State Change'],
    })
  })
})
