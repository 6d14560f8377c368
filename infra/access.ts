/** IAM statements that several functions share. */
import { distinct } from '../src/core/distinct.ts'
import { secretArn } from '../src/lake/secret-name.ts'
import { bus } from './bus.ts'
import { arn, arnOf } from './cloudformation.ts'
import { ledger } from './ledger.ts'
import { queueId } from './logical-ids.ts'
import { type Statement, statement } from './policies.ts'

/** The actions on the ledger that every reaction needs, for its cursors and for rejected messages. */
export const cursors = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']

export const publish = statement('Bus', ['events:PutEvents'], [arnOf(bus)])

export function fed(queue: string): Statement[] {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility']
  return statement('Queue', actions, [arnOf(queueId(queue))])
}

export function ledgerActions(...actions: string[]): Statement[] {
  return statement('Ledger', actions, [arnOf(ledger)])
}

/** Lets a function send wake-ups to the queues of reactions. */
export function wakeQueues(...queues: string[]): Statement[] {
  return statement(
    'Wake',
    ['sqs:SendMessage'],
    queues.map((name) => arnOf(queueId(name))),
  )
}

/** Secrets Manager appends a hyphen and six random characters to a secret's name in its ARN. A full ARN has them. */
export function readSecrets(secrets: readonly string[]): Statement[] {
  return statement(
    'Secret',
    ['secretsmanager:GetSecretValue'],
    distinct(secrets).map((secret) =>
      secretArn(secret) === undefined ? arn('secretsmanager', `secret:${secret}-??????`) : secret,
    ),
  )
}
