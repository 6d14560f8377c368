import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { activeReactions, hasFiles } from '../src/reactions/index.ts'
import { arnOf, ref, type Resource, type Resources, sub } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { deadLettersId, queueId } from './logical-ids.ts'

const day = 24 * 60 * 60

/**
 * One queue for each function that is fed by one, never one for each table; with the function's timeout in seconds, as
 * serverless.yml and `functions.ts` have it.
 */
export function queueTimeouts(lake: Lake): Readonly<Record<string, number>> {
  return {
    commits: 30,
    ...(hasFiles(lake) && { files: 60 }),
    ...Object.fromEntries(activeReactions(lake).map((name) => [name, reactionInfra[name].timeout])),
  }
}

/** How often a message is delivered before it is given up: with the back-off of `src/lambda/batch.ts`, for more than an hour. */
export const maxReceives = 10

/** Everything that can hold what was given up: the queues' dead letters, and the failed runs of the schedule. */
export function deadLetterQueues(lake: Lake): string[] {
  return [...Object.keys(queueTimeouts(lake)), 'sweep']
}

/**
 * The queues with their dead letters. `senders` says, for each queue, the logical ids of the EventBridge rules that feed
 * it; nothing else in the account needs a queue policy, since roles are enough there.
 */
export function queues(lake: Lake, senders: Readonly<Record<string, readonly string[]>>): Resources {
  const resources: Record<string, Resource> = {}
  for (const name of deadLetterQueues(lake)) resources[deadLettersId(name)] = deadLetters(lake, name)
  for (const [name, timeout] of Object.entries(queueTimeouts(lake))) {
    resources[queueId(name)] = queue(lake, name, timeout)
    const rules = senders[name] ?? []
    if (rules.length > 0) resources[`${queueId(name)}Policy`] = policy([queueId(name), deadLettersId(name)], rules)
  }
  return resources
}

/**
 * A message that fails stays invisible for six times the function's timeout, as AWS asks of a queue that feeds Lambda
 * (Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping"), and then is tried again.
 */
function queue(lake: Lake, name: string, timeout: number): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: names(lake).queue(name),
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 6 * timeout,
      MessageRetentionPeriod: 4 * day,
      RedrivePolicy: { deadLetterTargetArn: arnOf(deadLettersId(name)), maxReceiveCount: maxReceives },
    },
  }
}

/** Kept longer than in the queue: a message's age counts from when it was first sent. */
function deadLetters(lake: Lake, name: string): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${names(lake).queue(name)}-dlq`,
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * day,
    },
  }
}

/** What a rule cannot deliver goes to the dead letters of the queue that it was for, so the rules may send to both. */
function policy(queueIds: readonly string[], rules: readonly string[]): Resource {
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: queueIds.map(ref),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: queueIds.map((id) => ({
          Sid: `RulesTo${id}`,
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOf(id),
          Condition: {
            ArnEquals: { 'aws:SourceArn': rules.map(arnOf) },
            StringEquals: { 'aws:SourceAccount': sub('${AWS::AccountId}') },
          },
        })),
      },
    },
  }
}
