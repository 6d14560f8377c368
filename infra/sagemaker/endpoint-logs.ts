import type { Lake } from '../../src/lake/lake.ts'
import { arn, arnOf, logical, type Resource, type Resources, type Value } from '../cloudformation.ts'
import { RETENTION_DAYS } from '../log-groups.ts'
import { type Candidate, growthBudget, narrowest, type Statement, statement } from '../policies.ts'

/** The function that sets up the log groups, by the logical id that osls gives it. */
const endpointLogsFunction = `${logical('endpoint-logs')}LambdaFunction`

/** SageMaker's own name for the log group of an endpoint (SageMaker developer guide, "Amazon SageMaker AI logs"). */
export function endpointLogGroup(endpoint: string): string {
  return `/aws/sagemaker/Endpoints/${endpoint}`
}

/**
 * One custom resource for the log groups of all endpoints, since a template has no room for a resource for each, and since
 * CloudFormation refuses to create a group that is there already: of an endpoint that was removed from lake.yml, for example.
 */
export function endpointLogs(lake: Lake): Resources {
  const names = groupNames(lake)
  if (names.length === 0) return {}
  const groups: Resource = {
    Type: 'Custom::LogGroups',
    Properties: {
      ServiceToken: arnOf(endpointLogsFunction),
      ServiceTimeout: '300',
      Names: names,
      RetentionInDays: String(RETENTION_DAYS),
      ...(lake.kms !== undefined && { KmsKeyId: lake.kms }),
    },
  }
  return { EndpointLogs: groups }
}

/** Lets the function create and complete these groups. To see which there are, IAM allows no narrower resource. */
export function endpointLogsAccess(lake: Lake): readonly Statement[] {
  const actions = ['CreateLogGroup', 'PutRetentionPolicy', 'AssociateKmsKey', 'DisassociateKmsKey']
  const rights = (names: readonly string[]): Candidate =>
    statement(
      'EndpointLogs',
      actions.map((action) => `logs:${action}`),
      names.flatMap((name): Value[] => [arn('logs', `log-group:${name}`), arn('logs', `log-group:${name}:*`)]),
    )
  return [
    ...narrowest([rights(groupNames(lake)), rights([endpointLogGroup('*')])], growthBudget(lake)),
    ...statement('ListLogGroups', ['logs:DescribeLogGroups'], [arn('logs', 'log-group:*')]),
  ]
}

function groupNames(lake: Lake): string[] {
  return Object.values(lake.models)
    .map(({ endpoint }) => endpointLogGroup(endpoint.name))
    .toSorted()
}
