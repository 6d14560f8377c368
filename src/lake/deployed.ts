import type { Lake } from './lake.ts'

/**
 * What a deployed lake's parts are called, so that the deploy, the CLI and the tests find them without asking
 * CloudFormation. All are within AWS's limits while lake and stage together stay under 40 characters.
 */
export interface Names {
  /** The CloudFormation stack, and the prefix of all else. */
  readonly stack: string
  /** DynamoDB table. */
  readonly ledger: string
  /** EventBridge bus. */
  readonly bus: string
  /** SQS queue of a function or reaction; its dead-letter queue has `-dlq` after it. */
  queue(name: string): string
  /** Lambda function. */
  fn(name: string): string
}

export function names(lake: Pick<Lake, 'name' | 'stage'>): Names {
  const stack = `landfall-${lake.name}-${lake.stage}`
  return {
    stack,
    ledger: `${stack}-ledger`,
    bus: stack,
    queue: (name) => `${stack}-${name}`,
    fn: (name) => `${stack}-${name}`,
  }
}
