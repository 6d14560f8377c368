import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { existingBuckets } from './buckets.ts'
import { bus } from './bus.ts'
import { arn, arnOf, logical, type Resource, type Resources, s3Arn } from './cloudformation.ts'
import { imageAccess } from './deployment/images.ts'
import { ledger } from './ledger.ts'
import { deploymentAccess, deploymentGrowth } from './deployment/access.ts'
import { logs, type Statement, statement, traces, within } from './policies.ts'
import {
  deadLettersId,
  hasFileCatalog,
  hasFiles,
  hasJobs,
  hasModels,
  hasWebhook,
  queueId,
  reactionQueues,
  usedRegistries,
  webhookRegistries,
} from './queues.ts'
import { catalogAccess, catalogFilesAccess, fileListing, jobAccess } from './tables.ts'

/** As serverless.yml names it: `role: CommitsRole`. */
export function roleId(functionName: string): string {
  return `${logical(functionName)}Role`
}

/** A reaction's: its cursor, and what it turns away. */
const cursors = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']

const publish = statement('Bus', ['events:PutEvents'], [arnOf(bus)])

function fed(queue: string): Statement[] {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility']
  return statement('Queue', actions, [arnOf(queueId(queue))])
}

function ledgerActions(...actions: string[]): Statement[] {
  return statement('Ledger', actions, [arnOf(ledger)])
}

/** One role for each function, with the calls that its code makes and no more. */
export function roles(lake: Lake): Resources {
  const resources: Record<string, Resource> = {
    [roleId('commits')]: role(lake, 'commits', [
      ...fed('commits'),
      ...publish,
      ...ledgerActions('dynamodb:UpdateItem'),
      ...traces,
    ]),
    [roleId('catalog')]: role(lake, 'catalog', [
      ...fed('catalog'),
      ...publish,
      ...ledgerActions(...cursors),
      ...catalogAccess(lake),
      ...traces,
    ]),
    [roleId('sweep')]: role(lake, 'sweep', [
      ...wake(...reactionQueues(lake)),
      ...statement('GiveUp', ['sqs:SendMessage'], [arnOf(deadLettersId('sweep'))]),
      ...(hasFiles(lake) ? landingLogs(lake, 'dynamodb:BatchWriteItem') : []),
      ...traces,
    ]),
  }
  if (hasFiles(lake)) resources[roleId('files')] = filesRole(lake)
  if (hasFileCatalog(lake)) resources[roleId('catalog-files')] = catalogFilesRole(lake)
  if (hasJobs(lake)) resources[roleId('job')] = jobRole(lake)
  if (hasModels(lake)) resources[roleId('deployment')] = deploymentRole(lake)
  if (hasWebhook(lake)) resources[roleId('webhook')] = webhookRole(lake)
  const existing = existingBuckets(lake)
  if (existing.length > 0)
    resources[roleId('bucket-events')] = role(
      lake,
      'bucket-events',
      statement(
        'Notifications',
        ['s3:GetBucketNotification', 's3:PutBucketNotification'],
        existing.map((bucket) => s3Arn(bucket.name)),
      ),
    )
  return resources
}

function catalogFilesRole(lake: Lake): Resource {
  return role(lake, 'catalog-files', [
    ...fed('catalog-files'),
    ...publish,
    ...ledgerActions(...cursors, 'dynamodb:Query'),
    ...catalogFilesAccess(lake),
    ...traces,
  ])
}

function filesRole(lake: Lake): Resource {
  return role(lake, 'files', [...fed('files'), ...landingLogs(lake, 'dynamodb:UpdateItem'), ...traces])
}

/** To keep the landing logs, and look at what they are about. A transaction asks for the rights of its parts. */
function landingLogs(lake: Lake, ...actions: string[]): Statement[] {
  const common = ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']
  return [...publish, ...ledgerActions(...common, ...actions), ...fileListing(lake)]
}

function jobRole(lake: Lake): Resource {
  return role(lake, 'job', [
    ...fed('job'),
    ...wake('job'),
    ...publish,
    ...ledgerActions(...cursors, 'dynamodb:Query'),
    ...jobAccess(lake),
    ...readSecrets(databricksSecret(lake)),
    ...traces,
  ])
}

function deploymentRole(lake: Lake): Resource {
  const secrets = usedRegistries(lake).flatMap((registry) => ('secret' in registry ? [registry.secret] : []))
  const fixed = [
    ...fed('deployment'),
    ...wake('deployment'),
    ...publish,
    ...ledgerActions(...cursors),
    ...readSecrets(secrets),
    ...deploymentAccess(lake),
    ...imageAccess(lake),
    ...traces,
  ]
  return role(lake, 'deployment', within(fixed, deploymentGrowth(lake)))
}

/** Of the ledger, the deliveries of registries alone: which have come in already. */
function webhookRole(lake: Lake): Resource {
  const registries = webhookRegistries(lake)
  const jobs = hasJobs(lake)
  const condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['delivery/*'] } }
  return role(lake, 'webhook', [
    ...wake(...(jobs ? ['job'] : []), ...(registries.length > 0 ? ['deployment'] : [])),
    ...statement(
      'Deliveries',
      ['dynamodb:GetItem', 'dynamodb:PutItem'],
      registries.length > 0 ? [arnOf(ledger)] : [],
      condition,
    ),
    ...readSecrets([...(jobs ? databricksSecret(lake) : []), ...registries.map(({ secret }) => secret)]),
    ...traces,
  ])
}

function wake(...queues: string[]): Statement[] {
  return statement(
    'Wake',
    ['sqs:SendMessage'],
    queues.map((name) => arnOf(queueId(name))),
  )
}

function databricksSecret({ databricks }: Lake): string[] {
  return databricks === undefined ? [] : [databricks.secret]
}

/** Secrets Manager puts six characters of its own behind a secret's name. */
function readSecrets(secrets: readonly string[]): Statement[] {
  return statement(
    'Secret',
    ['secretsmanager:GetSecretValue'],
    [...new Set(secrets)].map((secret) => arn('secretsmanager', `secret:${secret}-??????`)),
  )
}

function role(lake: Lake, functionName: string, statements: readonly Statement[]): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `What the function ${functionName} of the lake ${lake.name} may do`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [
        {
          PolicyName: functionName,
          PolicyDocument: { Version: '2012-10-17', Statement: [...logs(names(lake).fn(functionName)), ...statements] },
        },
      ],
    },
  }
}
