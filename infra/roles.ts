import type { Lake } from '../src/lake/lake.ts'
import { activeReactions, hasFiles, type ReactionName } from '../src/reactions/index.ts'
import { webhooksOf } from '../src/reactions/webhooks.ts'
import { names } from '../src/lake/resource-names.ts'
import { existingBuckets } from './buckets.ts'
import { arnOf, type Resource, type Resources, s3Arn } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { keyAccess } from './keys.ts'
import { ledger } from './ledger.ts'
import { logs, type Statement, statement, traces, within } from './policies.ts'
import { fileListing } from './tables.ts'
import { fed, publish, ledgerActions, wakeQueues, cursors, readSecrets } from './access.ts'
import { endpointLogsAccess } from './sagemaker/endpoint-logs.ts'
import { roleId, deadLettersId } from './logical-ids.ts'

/** One role for each function, with exactly the calls that its code makes. */
export function roles(lake: Lake): Resources {
  const resources: Record<string, Resource> = {
    [roleId('commits')]: role(lake, 'commits', [
      ...fed('commits'),
      ...publish,
      ...ledgerActions('dynamodb:UpdateItem'),
      ...traces,
    ]),
    [roleId('sweep')]: role(lake, 'sweep', [
      ...wakeQueues(...activeReactions(lake)),
      ...statement('DeadLetters', ['sqs:SendMessage'], [arnOf(deadLettersId('sweep'))]),
      ...(hasFiles(lake) ? landingLogs(lake, 'dynamodb:BatchWriteItem') : []),
      ...traces,
    ]),
  }
  for (const name of activeReactions(lake)) resources[roleId(name)] = reactionRole(lake, name)
  if (hasFiles(lake)) resources[roleId('files')] = filesRole(lake)
  if (webhooksOf(lake).length > 0) resources[roleId('webhook')] = webhookRole(lake)
  if (activeReactions(lake).includes('deployment'))
    resources[roleId('endpoint-logs')] = role(lake, 'endpoint-logs', endpointLogsAccess(lake))
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

function reactionRole(lake: Lake, name: ReactionName): Resource {
  const { ledger: calls = [], access, growingAccess } = reactionInfra[name]
  const fixed = [...fed(name), ...publish, ...ledgerActions(...cursors, ...calls), ...access(lake), ...traces]
  return role(lake, name, within(lake, fixed, growingAccess?.(lake) ?? []))
}

function filesRole(lake: Lake): Resource {
  return role(lake, 'files', [...fed('files'), ...landingLogs(lake, 'dynamodb:UpdateItem'), ...traces])
}

/** Lets a function keep landing logs and list the files of their tables. A transaction needs the rights of its parts. */
function landingLogs(lake: Lake, ...actions: string[]): Statement[] {
  const common = ['dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem']
  return [...publish, ...ledgerActions(...common, ...actions), ...fileListing(lake)]
}

/** In the ledger it may access only the records of deliveries, which detect duplicates. */
function webhookRole(lake: Lake): Resource {
  const webhooks = webhooksOf(lake)
  const key = 'dynamodb:LeadingKeys'
  // Without `Null`, a call that names no key would satisfy `ForAllValues` (IAM user guide, "Set operators").
  const condition = { 'ForAllValues:StringLike': { [key]: ['delivery/*'] }, Null: { [key]: 'false' } }
  return role(lake, 'webhook', [
    ...wakeQueues(...webhooks.map(({ reaction }) => reaction)),
    ...statement(
      'Deliveries',
      ['dynamodb:GetItem', 'dynamodb:PutItem'],
      webhooks.some(({ remembered }) => remembered) ? [arnOf(ledger)] : [],
      condition,
    ),
    ...readSecrets(webhooks.flatMap(({ secrets }) => secrets(lake))),
    ...traces,
  ])
}

function role(lake: Lake, functionName: string, statements: readonly Statement[]): Resource {
  const all = [...logs(names(lake).fn(functionName)), ...statements, ...keyAccess(lake, statements, ['lambda'])]
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `What the function ${functionName} of the lake ${lake.name} may do`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: functionName, PolicyDocument: { Version: '2012-10-17', Statement: all } }],
    },
  }
}
