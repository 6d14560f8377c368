import { sha256 } from '../../src/node/sha256.ts'
import { type Lake, type Location, keyPrefix } from '../../src/lake/lake.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import { modelRoleName } from '../../src/lake/resource-names.ts'
import { arn, logical, type Resource, type Resources, s3Arn, sub, type Value } from '../cloudformation.ts'
import { endpointLogGroup } from './endpoint-logs.ts'
import { imagePull } from './images.ts'
import { alarmsArn, modelRolesPrefix, packageFolder, prefixOf, readFolders } from './access.ts'
import { keyAccess } from '../keys.ts'
import { type Statement, statement } from '../policies.ts'
import { retained } from '../stage.ts'

/**
 * The execution roles of the models: one for each model without a role of its own. They have names, so that the deployment
 * function can derive their ARNs: its environment, limited to 4 KB, could not hold a long list.
 */
export function modelRoles(lake: Lake): Resources {
  const made = Object.values(lake.models).filter(({ role }) => role === undefined)
  return Object.fromEntries(made.map((model) => [`ModelRole${logical(model.name)}`, modelRole(lake, model)]))
}

/**
 * Kept when its model is removed from lake.yml, because the endpoint still serves it. Without the role SageMaker could not
 * start another instance: it pulls the container and the model with this role.
 */
function modelRole(lake: Lake, model: Model): Resource {
  const statements = access(lake, model)
  return {
    Type: 'AWS::IAM::Role',
    ...retained(lake.stage),
    Properties: {
      RoleName: sub(`${modelRolesPrefix(lake)}${modelRoleName(model.endpoint.name, sha256)}`),
      Description: `What the model ${model.name} of the lake ${lake.name} may do`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sagemaker.amazonaws.com' },
            Action: 'sts:AssumeRole',
            // For hosting, SageMaker names neither model nor endpoint here ("Cross-service confused deputy prevention").
            Condition: { ArnLike: { 'aws:SourceArn': arn('sagemaker', '*') } },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'model',
          PolicyDocument: { Version: '2012-10-17', Statement: [...statements, ...keyAccess(lake, statements)] },
        },
      ],
    },
  }
}

/** What SageMaker does with a model's role (SageMaker developer guide, "SageMaker AI roles", CreateModel). */
function access(lake: Lake, model: Model): Statement[] {
  const { artifacts } = lake.registries[model.registry]!
  const { capture, compute, name } = model.endpoint
  const logGroup = `log-group:${endpointLogGroup(name)}`
  return [
    ...modelData(model, artifacts),
    ...statement('Capture', ['s3:PutObject'], capture === undefined ? [] : [objectsUnder(capture.to)]),
    // The alarms that roll an update back ("SageMaker AI roles", CreateModel: its note on deployment guardrails).
    ...statement(
      'RollbackAlarms',
      ['cloudwatch:DescribeAlarms'],
      compute.kind === 'instances' ? [alarmsArn(lake, prefixOf(name))] : [],
    ),
    ...(model.image === undefined ? imagePull(lake) : pull(model.image)),
    ...statement(
      'Logs',
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      [arn('logs', logGroup), arn('logs', `${logGroup}:*`)],
    ),
    {
      Sid: 'Metrics',
      Effect: 'Allow',
      Action: ['cloudwatch:PutMetricData'],
      Resource: '*',
      Condition: { StringLike: { 'cloudwatch:namespace': '/aws/sagemaker/*' } },
    },
  ]
}

function modelData(model: Model, artifacts: Location): Statement[] {
  const folder = packageFolder(model)
  if (folder === undefined) return readFolders('Model', [artifacts])
  const packages = `${folder.prefix}*`
  return [
    ...statement('ReadModel', ['s3:GetObject'], [s3Arn(`${folder.bucket}/${packages}/model.tar.gz`)]),
    ...statement('ListModel', ['s3:ListBucket'], [s3Arn(folder.bucket)], {
      StringLikeIfExists: { 's3:prefix': [packages] },
    }),
  ]
}

function objectsUnder({ bucket, prefix }: Location): Value {
  return s3Arn(`${bucket}/${keyPrefix({ prefix })}*`)
}

/** Lets SageMaker pull the user's container from ECR, also from another account. Other registries need no IAM right. */
function pull(image: string): Statement[] {
  const found = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/.exec(image)
  if (found === null) return []
  const [, account, region, name] = found
  return [
    ...statement(
      'Image',
      ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
      [sub(`arn:\${AWS::Partition}:ecr:${region}:${account}:repository/${name}`)],
    ),
    // It has no resource type (Service Authorization Reference, "Amazon Elastic Container Registry").
    { Sid: 'Registry', Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
  ]
}
