import { readFileSync } from 'node:fs'
import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { isLocal } from '../../src/lake/stage.ts'
import { arn, arnOf, ref, type Resource, type Resources, sub, type Value } from '../cloudformation.ts'
import { logGroup } from '../log-groups.ts'
import { type Statement, statement } from '../policies.ts'
import { retained } from '../stage.ts'

const repository = 'ImageRepository'
const project = 'ImageBuilds'
const role = 'ImageBuildsRole'
const buildLogs = 'ImageBuildsLogs'

/** Whether a model of the lake has no image of its own, and so needs MLflow's container. */
export function buildsImages(lake: Lake): boolean {
  return Object.values(lake.models).some(({ image }) => image === undefined)
}

/**
 * The ECR repository for MLflow's containers and the CodeBuild project that builds them; nothing if every model has its image.
 *
 * Images are never deleted: an endpoint that scales out pulls its image again, however old it is.
 */
export function imageResources(lake: Lake): Resources {
  if (!buildsImages(lake)) return {}
  return {
    [repository]: {
      Type: 'AWS::ECR::Repository',
      ...retained(lake.stage),
      Properties: {
        RepositoryName: names(lake).imageRepository,
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        EncryptionConfiguration: { EncryptionType: 'AES256' },
        EmptyOnDelete: isLocal(lake.stage),
      },
    },
    [buildLogs]: logGroup(logGroupName(lake), lake),
    [project]: projectResource(lake),
    [role]: roleResource(lake),
  }
}

/** Lets the function find an image, and start its build. */
export function imageAccess(lake: Lake): Statement[] {
  if (!buildsImages(lake)) return []
  return [
    ...statement('Images', ['ecr:DescribeImages', 'ecr:DescribeRepositories'], [arnOf(repository)]),
    ...statement(
      'ImageBuilds',
      ['codebuild:StartBuild', 'codebuild:ListBuildsForProject', 'codebuild:BatchGetBuilds'],
      [arnOf(project)],
    ),
  ]
}

/** Lets a model's role pull the image, which SageMaker does with this role. */
export function imagePull(lake: Lake): Statement[] {
  if (!buildsImages(lake)) return []
  const actions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability']
  return [...statement('Image', actions, [arnOf(repository)]), registryLogin]
}

/** The pattern of CodeBuild's event for the end of a build (CodeBuild user guide, "Build notifications input format reference"). */
export function imageBuildEnd(lake: Lake): Readonly<Record<string, unknown>> {
  return {
    source: ['aws.codebuild'],
    'detail-type': ['CodeBuild Build State Change'],
    detail: {
      'project-name': [names(lake).imageBuilds],
      'build-status': ['SUCCEEDED', 'FAILED', 'FAULT', 'STOPPED', 'TIMED_OUT'],
    },
  }
}

/** The token is for the whole registry (Service Authorization Reference, "Amazon Elastic Container Registry"). */
const registryLogin: Statement = {
  Sid: 'Registry',
  Effect: 'Allow',
  Action: ['ecr:GetAuthorizationToken'],
  Resource: '*',
}

const logGroupName = (lake: Lake): string => `/aws/codebuild/${names(lake).imageBuilds}`

/**
 * Docker needs a privileged build (CodeBuild user guide, "Docker sample"). It builds for x86 only: for ARM instances,
 * `src/reactions/deployment/checks.ts` requires an image.
 */
function projectResource(lake: Lake): Resource {
  const { imageBuilds, imageRepository } = names(lake)
  const host = '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'
  const variable = (Name: string, Value: Value) => ({ Name, Type: 'PLAINTEXT', Value })
  return {
    Type: 'AWS::CodeBuild::Project',
    Properties: {
      Name: imageBuilds,
      Description: `Builds MLflow's container for the models of the lake ${lake.name}`,
      ServiceRole: arnOf(role),
      Source: { Type: 'NO_SOURCE', BuildSpec: buildspec() },
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Environment: {
        Type: 'LINUX_CONTAINER',
        ComputeType: 'BUILD_GENERAL1_MEDIUM',
        Image: 'aws/codebuild/standard:7.0',
        PrivilegedMode: true,
        EnvironmentVariables: [
          variable('REGISTRY', sub(host)),
          variable('REPOSITORY', sub(`${host}/${imageRepository}`)),
        ],
      },
      LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: ref(buildLogs) } },
      TimeoutInMinutes: 60,
      QueuedTimeoutInMinutes: 60,
    },
  }
}

function buildspec(): string {
  return readFileSync(new URL('image/buildspec.yml', import.meta.url), 'utf8')
}

function roleResource(lake: Lake): Resource {
  const push = [
    'BatchCheckLayerAvailability',
    'InitiateLayerUpload',
    'UploadLayerPart',
    'CompleteLayerUpload',
    'PutImage',
  ]
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `What a build of MLflow's container for the lake ${lake.name} may do`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'codebuild.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { ArnEquals: { 'aws:SourceArn': arn('codebuild', `project/${names(lake).imageBuilds}`) } },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'image-builds',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              ...statement(
                'Logs',
                ['logs:CreateLogStream', 'logs:PutLogEvents'],
                [arn('logs', `log-group:${logGroupName(lake)}:log-stream:*`)],
              ),
              ...statement(
                'Push',
                [...push, 'BatchGetImage'].map((action) => `ecr:${action}`),
                [arnOf(repository)],
              ),
              registryLogin,
            ],
          },
        },
      ],
    },
  }
}
