import { sha256 } from '../../src/node/sha256.ts'
import { type Lake, type Location, type Model, keyPrefix } from '../../src/lake/lake.ts'
import { modelRoleName } from '../../src/lake/resource-names.ts'
import { arn, logical, type Resource, type Resources, s3Arn, sub, type Value } from '../cloudformation.ts'
import { imagePull } from './images.ts'
import { alarmsArn, modelRolesPrefix, packageFolder, prefixOf, readFolders } from './access.ts'
import { type Statement, statement } from '../policies.ts'
import { lasting } from '../stage.ts'

/**
 * The roles that the lake's models run as, one for each that names none of its own. Named, so that the deployment function
 * need not be told each: its environment has 4 KB.
 */
export function modelRoles(lake: Lake): Resources {
  const made = Object.values(lake.models).filter(({ role }) => role === undefined)
  return Object.fromEntries(made.map((model) => [`ModelRole${logical(model.name)}`, modelRole(lake, model)]))
}

/**
 * It outlasts its model: the endpoint of one that was taken out of lake.yml serves on, and without its role would go on
 * doing so only until SageMaker has to start an instance, which pulls the container and the model in its name.
 */
function modelRole(lake: Lake, model: Model): Resource {
  return {
    Type: 'AWS::IAM::Role',
    ...lasting(lake.stage),
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
            // As written there: of hosting, SageMaker says no model nor endpoint ("Cross-service confused deputy prevention").
            Condition: { ArnLike: { 'aws:SourceArn': arn('sagemaker', '*') } },
          },
        ],
      },
      Policies: [{ PolicyName: 'model', PolicyDocument: { Version: '2012-10-17', Statement: access(lake, model) } }],
    },
  }
}

/** What SageMaker does in a model's name (SageMaker developer guide, "SageMaker AI roles", CreateModel). */
function access(lake: Lake, model: Model): Statement[] {
  const { artifacts } = lake.registries[model.registry]!
  const { capture, compute, name } = model.endpoint
  const logGroup = `log-group:/aws/sagemaker/Endpoints/${name}`
  return [
    ...modelData(model, artifacts),
    ...statement('Capture', ['s3:PutObject'], capture === undefined ? [] : [objectsUnder(capture.to)]),
    // Of the updates that they take back ("SageMaker AI roles", CreateModel: its note on deployment guardrails).
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

/** To pull a container of the user's from ECR, which may be of another account; one elsewhere asks for no right of AWS's. */
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
    // Names no repository (Service Authorization Reference, "Amazon Elastic Container Registry").
    { Sid: 'Registry', Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
  ]
}
