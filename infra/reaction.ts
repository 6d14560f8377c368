import type { Lake } from '../src/lake/lake.ts'
import type { Resource, Resources, Value } from './cloudformation.ts'
import type { Candidates, Statement } from './policies.ts'

/**
 * The infrastructure that a reaction needs beyond what every reaction gets: a function; a queue with a dead-letter queue; a
 * role that may read the queue, keep cursors and publish facts; alarms on errors and dead letters; and, for a reaction to
 * tables, a rule on `Table Changed`.
 */
export interface ReactionInfra {
  /** Of the function. */
  readonly description: string
  /** Of the function, in seconds. The queue's visibility timeout is six times as long. */
  readonly timeout: number
  /** MB. */
  readonly memory: number
  /** The maximum size of its bundle, in kB; absent: 450. A cold start loads all of it. */
  readonly bundle?: number
  /** Messages per invocation. */
  readonly batchSize: number
  /** Concurrent invocations, so that no backlog takes all that the account has. A text is a parameter of the deploy. */
  readonly maximumConcurrency: number | string
  /** Environment variables beyond those of every function: `src/lambda/config.ts` reads them. */
  environment?(lake: Lake): Readonly<Record<string, Value>>
  /** IAM actions on the ledger beyond those for cursors. */
  readonly ledger?: readonly string[]
  /** Rights of its function beyond those of every reaction's. */
  access(lake: Lake): readonly Statement[]
  /** Rights that grow with the lake, each with wider alternatives in case a policy cannot hold them all. */
  growingAccess?(lake: Lake): readonly Candidates[]
  /** Patterns, by logical id, of events on the account's default bus that wake it. */
  rules?(lake: Lake): Readonly<Record<string, object>>
  /** Other resources that it needs. */
  resources?(lake: Lake): Resources
  /** Its own alarms, by logical id. `alarm` adds the stack's name and the topic. */
  alarms?(lake: Lake, alarm: MakeAlarm): Resources
}

/** @param name the alarm is named `STACK-NAME` */
export type MakeAlarm = (name: string, description: string, measure: object) => Resource

/** EventBridge's limit on a pattern, in characters (EventBridge user guide, "Quotas"). */
export const PATTERN_LIMIT = 2_048
