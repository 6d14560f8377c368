import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge'
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Lake, Table } from '../../src/lake/lake.ts'
import { keyPrefix } from '../../src/lake/lake.ts'
import { names } from '../../src/lake/resource-names.ts'

interface Clients {
  readonly events: EventBridgeClient
  readonly sqs: SQSClient
}

/** The pattern of a rule that S3's events match (`infra/rules.ts`). */
interface Pattern {
  readonly detail: { readonly bucket: { readonly name: readonly string[] }; readonly object: object }
}

/**
 * While `work` runs, S3's events about commits to one Delta table match no rule: they are lost, and not just late. Other tables
 * are not affected, since other parts of the demo may be writing to them.
 */
export async function losingEvents(
  { events, sqs }: Clients,
  lake: Lake,
  table: Table,
  work: () => Promise<void>,
): Promise<void> {
  const { Name, EventPattern, pattern } = await ruleFor({ events, sqs }, lake, table)
  const rest = Object.values(lake.tables).filter(
    ({ name, format, location }) =>
      format === 'delta' && name !== table.name && location.bucket === table.location.bucket,
  )
  await events.send(new PutRuleCommand({ Name, ...withoutTable(pattern, rest) }))
  try {
    await work()
  } finally {
    await events.send(new PutRuleCommand({ Name, EventPattern, State: 'ENABLED' }))
  }
}

/** The rule that delivers commits in the table's bucket. */
async function ruleFor({ events, sqs }: Clients, lake: Lake, { name, location }: Table) {
  const TargetArn = await queueArn(sqs, names(lake).queue('commits'))
  const { RuleNames = [] } = await events.send(new ListRuleNamesByTargetCommand({ TargetArn }))
  for (const Name of RuleNames) {
    const { EventPattern = '{}' } = await events.send(new DescribeRuleCommand({ Name }))
    const pattern = JSON.parse(EventPattern) as Pattern
    if (pattern.detail.bucket.name.includes(location.bucket)) return { Name, EventPattern, pattern }
  }
  throw new Error(`no rule delivers commits of ${name}`)
}

/** The rule as it would be for the rest of the bucket's tables. */
function withoutTable(
  pattern: Pattern,
  rest: readonly Table[],
): { EventPattern: string; State: 'ENABLED' | 'DISABLED' } {
  if (rest.length === 0) return { EventPattern: JSON.stringify(pattern), State: 'DISABLED' }
  const key = rest.map(({ location }) => ({ wildcard: `${keyPrefix(location)}_delta_log/*.json` }))
  const detail = { ...pattern.detail, object: { key } }
  return { EventPattern: JSON.stringify({ ...pattern, detail }), State: 'ENABLED' }
}

async function queueArn(sqs: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  return Attributes?.['QueueArn'] ?? ''
}
