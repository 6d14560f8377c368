import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import { activeReactions, hasFiles } from '../src/reactions/index.ts'
import { arnOf, ref, type Resource, type Resources, sub } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { queueEncryption } from './keys.ts'
import { deadLettersId, queueId } from './logical-ids.ts'

const day = 24 * 60 * 60

/**
 * The queues: one for each function that has one, whatever the number of tables. The value is the function's timeout in
 * seconds, the same as in serverless.yml and `functions.ts`.
 */
export function queueTimeouts(lake: Lake): Readonly<Record<string, number>> {
  return {
    commits: 30,
    ...(hasFiles(lake) && { files: 60 }),
    ...Object.fromEntries(activeReactions(lake).map((name) => [name, reactionInfra[name].timeout])),
  }
}

/** Deliveries before a message is dead-lettered: with the back-off of `src/lambda/batch.ts` this takes more than an hour. */
export const maxReceives = 10

/** The names that have a dead-letter queue: all queues, and the sweep, which has one for its failed runs. */
export function deadLetterQueues(lake: Lake): string[] {
  return [...Object.keys(queueTimeouts(lake)), 'sweep']
}

/**
 * The queues with their dead-letter queues.
 *
 * @param senders by queue, the logical ids of the EventBridge rules that send to it. Only these need a queue policy: functions
 *   send with the rights of their roles.
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
 * The visibility timeout is six times the function's timeout, as AWS recommends for a queue that feeds Lambda (Lambda
 * developer guide, "Creating and configuring an Amazon SQS event source mapping").
 */
function queue(lake: Lake, name: string, timeout: number): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: names(lake).queue(name),
      ...queueEncryption(lake),
      VisibilityTimeout: 6 * timeout,
      MessageRetentionPeriod: 4 * day,
      RedrivePolicy: { deadLetterTargetArn: arnOf(deadLettersId(name)), maxReceiveCount: maxReceives },
    },
  }
}

/** Retains messages longer than the queue, since a message's age counts from when it was first sent. */
function deadLetters(lake: Lake, name: string): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${names(lake).queue(name)}-dlq`,
      ...queueEncryption(lake),
      MessageRetentionPeriod: 14 * day,
    },
  }
}

/** Rules may send to the queue, and to its dead-letter queue for events that they cannot deliver. */
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
