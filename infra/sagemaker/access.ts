import { sha256 } from '../../src/node/sha256.ts'
import { distinct } from '../../src/core/distinct.ts'
import { type Lake, type Location, keyPrefix } from '../../src/lake/lake.ts'
import { isMlflowApp } from '../../src/registry/settings.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import { modelRoleName, names } from '../../src/lake/resource-names.ts'
import { configPrefix } from '../../src/reactions/deployment/resource-names.ts'
import { VARIANT } from '../../src/reactions/deployment/ports.ts'
import { arn, s3Arn, sub, type Value } from '../cloudformation.ts'
import { type Candidates, type Statement, statement } from '../policies.ts'
import { usedRegistries } from '../../src/reactions/deployment/registries.ts'

/** Rights that do not grow with the number of models: reading artifacts, autoscaling, calling a managed MLflow. */
export function deploymentAccess(lake: Lake): readonly Statement[] {
  const registries = usedRegistries(lake)
  return [
    ...readFolders(
      'Artifacts',
      registries.map(({ artifacts }) => artifacts),
    ),
    ...managedMlflow(
      distinct(registries.flatMap((registry) => (registry.kind === 'sagemaker' ? [registry.server] : []))),
    ),
    ...autoscaling(Object.values(lake.models)),
  ]
}

/** Rights that grow with the number of models. */
export function deploymentGrowth(lake: Lake): readonly Candidates[] {
  const models = Object.values(lake.models)
  return [sagemaker(models), alarms(lake, models), passRoles(lake, models), packages(models)]
}

/**
 * Endpoints by name; models and configurations by the prefix of their names. Creating and updating an endpoint needs the right
 * on the configuration too (Service Authorization Reference, "Amazon SageMaker AI"), and tags at creation need AddTags.
 */
function sagemaker(models: readonly Model[]): Candidates {
  const calls = ['ListTags', 'DescribeEndpoint', 'DeleteEndpoint', 'InvokeEndpoint']
  // Registering a variant for autoscaling needs the right to scale it (SageMaker developer guide, "Auto scaling prerequisites").
  if (models.some(hasInstances)) calls.push('UpdateEndpointWeightsAndCapacities')
  const rights = (endpoints: readonly string[], prefixes: readonly string[]) => [
    ...statement(
      'Endpoints',
      [...CREATE, ...calls.map((call) => `sagemaker:${call}`)],
      endpoints.map((name) => arn('sagemaker', `endpoint/${name}`)),
    ),
    ...statement(
      'Configs',
      [...CREATE, ...['Create', 'Describe', 'Delete'].map((verb) => `sagemaker:${verb}EndpointConfig`)],
      prefixes.map((prefix) => arn('sagemaker', `endpoint-config/${prefix}*`)),
    ),
    ...statement(
      'Models',
      ['sagemaker:AddTags', ...['Create', 'Describe', 'Delete'].map((verb) => `sagemaker:${verb}Model`)],
      prefixes.map((prefix) => arn('sagemaker', `model/${prefix}*`)),
    ),
  ]
  const called = models.map(({ endpoint }) => endpoint.name)
  return [rights(spellings(called), spellings(called.map(prefixOf))), rights(['*'], ['*--v'])]
}

const CREATE = ['sagemaker:CreateEndpoint', 'sagemaker:UpdateEndpoint', 'sagemaker:AddTags']

/** The prefix that only the names of this endpoint's models, configurations, alarms and packages have. */
export function prefixOf(endpoint: string): string {
  return configPrefix(endpoint, sha256)
}

/** SageMaker's ARNs contain names in lower case, and IAM compares ARNs case-sensitively. */
function spellings(called: readonly string[]): string[] {
  return distinct(called.flatMap((name) => [name.toLowerCase(), name]))
}

/** Rights on the alarms that trigger a rollback. SageMaker reads them with the model's role: `model-roles.ts`. */
function alarms(lake: Lake, models: readonly Model[]): Candidates {
  const rights = (prefixes: readonly string[]) =>
    statement(
      'Alarms',
      ['PutMetricAlarm', 'DescribeAlarms', 'DeleteAlarms', 'TagResource'].map((action) => `cloudwatch:${action}`),
      prefixes.map((prefix) => alarmsArn(lake, prefix)),
    )
  return [rights(models.map(({ endpoint }) => prefixOf(endpoint.name))), rights(['*--v'])]
}

/** @param prefix as {@link prefixOf} */
export function alarmsArn(lake: Lake, prefix: string): Value {
  return arn('cloudwatch', `alarm:${names(lake).stack}-${prefix}*`)
}

/** Lets the function pass the models' roles, to SageMaker only. */
function passRoles(lake: Lake, models: readonly Model[]): Candidates {
  const rights = (ours: readonly string[]) =>
    statement(
      'PassRoles',
      ['iam:PassRole'],
      [
        ...ours.map((name) => sub(`${modelRolesArn(lake)}${name}`)),
        ...distinct(models.flatMap(({ role }) => role ?? [])),
      ],
      { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    )
  const made = models.filter(({ role }) => role === undefined)
  return [
    rights(made.map(({ endpoint }) => modelRoleName(endpoint.name, sha256))),
    rights(made.length === 0 ? [] : ['*']),
  ]
}

/** The beginning of the ARNs of the roles that Landfall creates for the lake's models, to be completed by `Fn::Sub`. */
export function modelRolesArn(lake: Lake): string {
  return `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${modelRolesPrefix(lake)}`
}

/** Role names are unique in an account, so they contain the region. IAM limits them to 64 characters, so the stack is hashed. */
export function modelRolesPrefix(lake: Lake): string {
  return `landfall-\${AWS::Region}-${sha256(names(lake).stack).slice(0, 8)}-`
}

/** Lets the function write `model.tar.gz`, find existing ones, and delete those that are no longer needed. */
function packages(models: readonly Model[]): Candidates {
  const packed = models.filter(({ package: to }) => to !== undefined)
  const buckets = distinct(packed.map(({ package: to }) => to!.bucket))
  const rights = (objects: readonly string[], prefixes: readonly string[]) => [
    ...statement(
      'Packages',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      objects.map(s3Arn),
    ),
    ...statement('ListPackages', ['s3:ListBucket'], buckets.map(s3Arn), ifPrefix(prefixes)),
  ]
  const folders = packed.map((model) => packageFolder(model)!)
  return [
    rights(
      folders.map(({ bucket, prefix }) => `${bucket}/${prefix}*/model.tar.gz`),
      distinct(folders.map(({ prefix }) => `${prefix}*`)),
    ),
    rights(
      buckets.map((bucket) => `${bucket}/*--v*/model.tar.gz`),
      ['*--v*'],
    ),
  ]
}

/** Where a model's packages are; `undefined` if it is served from the registry's artifacts. */
export function packageFolder({ package: to, endpoint }: Model): Location | undefined {
  if (to === undefined) return undefined
  return { bucket: to.bucket, prefix: `${keyPrefix(to)}${prefixOf(endpoint.name)}` }
}

/** Lets a role list folders and read their objects. Without the right to list, S3 answers 403 for a missing object. */
export function readFolders(sid: string, folders: readonly Location[]): Statement[] {
  const under = (at: Location) => `${keyPrefix(at)}*`
  return [
    ...statement(`Read${sid}`, ['s3:GetObject'], distinct(folders.map((at) => `${at.bucket}/${under(at)}`)).map(s3Arn)),
    ...statement(
      `List${sid}`,
      ['s3:ListBucket'],
      distinct(folders.map(({ bucket }) => bucket)).map(s3Arn),
      ifPrefix(distinct(folders.map(under))),
    ),
  ]
}

/** `IfExists`, since S3's check behind that 404 has no prefix. */
function ifPrefix(prefixes: readonly string[]): Statement['Condition'] {
  // A registry may have a whole bucket.
  return prefixes.includes('*') ? undefined : { StringLikeIfExists: { 's3:prefix': prefixes } }
}

/**
 * The IAM actions of the REST calls in `src/registry/` (Service Authorization Reference, "Amazon SageMaker with MLflow"). An
 * MLflow App has one action for all calls (SageMaker developer guide, "Set up IAM permissions for MLflow Apps").
 */
function managedMlflow(servers: readonly string[]): Statement[] {
  const isApp = (server: string) => isMlflowApp({ server })
  const calls = [
    'GetRegisteredModel',
    'GetModelVersionByAlias',
    'GetLatestModelVersions',
    'SearchModelVersions',
    'GetDownloadURIForModelVersionArtifacts',
    'SetModelVersionTag',
  ]
  return [
    ...statement(
      'Mlflow',
      calls.map((call) => `sagemaker-mlflow:${call}`),
      servers.filter((server) => !isApp(server)),
    ),
    ...statement('MlflowApps', ['sagemaker:CallMlflowAppApi'], servers.filter(isApp)),
  ]
}

/**
 * Lets the function turn autoscaling of a variant on and off. Application Auto Scaling chooses its targets' ids. It first
 * validates that the caller may describe, put and delete alarms, with calls that name no alarm (its user guide, "Permissions
 * validation for Application Auto Scaling API calls on target resources"). CloudWatch authorizes the first against all alarms
 * (`alarm:*`), the others against an alarm with an empty name (`alarm:`).
 */
function autoscaling(models: readonly Model[]): Statement[] {
  if (!models.some(hasInstances)) return []
  const scales = models.some(isScaled)
  const actions = ['DeregisterScalableTarget', ...(scales ? ['RegisterScalableTarget', 'PutScalingPolicy'] : [])]
  const targets = [
    ...statement(
      'Scaling',
      actions.map((action) => `application-autoscaling:${action}`),
      [arn('application-autoscaling', 'scalable-target/*')],
      { StringEquals: { 'application-autoscaling:service-namespace': 'sagemaker' } },
    ),
    ...statement(
      'ScalingAlarms',
      ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
      [arn('cloudwatch', `alarm:TargetTracking-endpoint/*/variant/${VARIANT}-*`), arn('cloudwatch', 'alarm:')],
    ),
    ...statement('DescribeAlarms', ['cloudwatch:DescribeAlarms'], [arn('cloudwatch', 'alarm:*')]),
  ]
  if (!scales) return targets
  return [
    ...targets,
    ...statement(
      'ScalingRole',
      ['iam:CreateServiceLinkedRole'],
      [
        sub(
          'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint',
        ),
      ],
      { StringEquals: { 'iam:AWSServiceName': 'sagemaker.application-autoscaling.amazonaws.com' } },
    ),
  ]
}

function hasInstances({ endpoint: { compute } }: Model): boolean {
  return compute.kind === 'instances'
}

function isScaled({ endpoint: { compute } }: Model): boolean {
  return compute.kind === 'instances' && compute.min < compute.max
}
