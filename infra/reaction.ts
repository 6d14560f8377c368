import type { Lake } from '../src/lake/lake.ts'
import type { Resource, Resources, Value } from './cloudformation.ts'
import type { Candidates, Statement } from './policies.ts'

/**
 * What a reaction is deployed with, beside what all of them have: a function, a queue with dead letters, a role that may read
 * its queue, keep cursors and publish facts, alarms on its errors and dead letters and, for a reaction to tables, a rule on
 * `Table Changed`.
 */
export interface ReactionInfra {
  /** Of the function. */
  readonly description: string
  /** Of the function, in seconds; the queue's visibility timeout is six times as long. */
  readonly timeout: number
  /** MB. */
  readonly memory: number
  /** The most that its bundle may take, in kB; absent: 450. A cold start reads all of it. */
  readonly bundle?: number
  /** Messages that one invocation takes. */
  readonly batchSize: number
  /** Invocations at once; absent: as many as Lambda starts. A text is a parameter of the deploy. */
  readonly maximumConcurrency?: number | string
  /** Variables of the function's environment beside those of every function: `src/lambda/config.ts` reads them. */
  environment?(lake: Lake): Readonly<Record<string, Value>>
  /** Calls on the ledger beside those that keep cursors, as IAM names them. */
  readonly ledger?: readonly string[]
  /** What its function may do beside what every reaction's may. */
  access(lake: Lake): readonly Statement[]
  /** Rights that grow with the lake, each with wider ways to say it for when a policy cannot hold so much. */
  growingAccess?(lake: Lake): readonly Candidates[]
  /** Events of the account's default bus that wake it: patterns by logical id. */
  rules?(lake: Lake): Readonly<Record<string, object>>
  /** Anything else that it needs. */
  resources?(lake: Lake): Resources
  /** Alarms of its own, by logical id; `alarm` fills in names and the topic. */
  alarms?(lake: Lake, alarm: MakeAlarm): Resources
}

/** @param name what stands behind the stack's name in the alarm's. */
export type MakeAlarm = (name: string, description: string, measure: object) => Resource

/** EventBridge's limit on a pattern, in characters (EventBridge user guide, "Quotas"). */
export const PATTERN_LIMIT = 2_048
