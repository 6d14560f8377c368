import { distinct } from '../src/core/distinct.ts'
import type { Lake, Table } from '../src/lake/lake.ts'
import { type CoreFact, SOURCE } from '../src/core/facts.ts'
import { activeReactions, tablesOf } from '../src/reactions/index.ts'
import { bucketId } from './buckets.ts'
import { bus } from './bus.ts'
import { arnOf, logical, ref, type Resource, type Resources, type Value } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { queueId, deadLettersId } from './logical-ids.ts'
import { PATTERN_LIMIT } from './reaction.ts'

export interface Rules {
  readonly resources: Resources
  /** The rules' logical ids, by the queue that they send to. */
  readonly senders: Readonly<Record<string, readonly string[]>>
}

/**
 * Which events go to which queue. There is one rule for each bucket and kind of table, whatever the number of tables, since a
 * bus holds a few hundred rules and a pattern a few thousand characters. The function finds the table of a key.
 */
export function rules(lake: Lake): Rules {
  const wiring = new Map<string, Record<string, Resource>>()
  const add = (queue: string, id: string, pattern: object, busName?: Value): void => {
    wiring.set(queue, { ...wiring.get(queue), [id]: rule(queue, pattern, busName) })
  }
  for (const [name, bucket] of Object.entries(lake.buckets)) {
    const tables = Object.values(lake.tables).filter((table) => table.location.bucket === bucket.name)
    const ofFiles = tables.filter((table) => table.format !== 'delta')
    if (ofFiles.length < tables.length) add('commits', `${bucketId(name)}CommitsRule`, commits(bucket.name, tables))
    if (ofFiles.length > 0) add('files', `${bucketId(name)}FilesRule`, objects(bucket.name, ofFiles))
  }
  for (const name of activeReactions(lake)) {
    const tables = tablesOf(name, lake)
    if (tables.length > 0) add(name, `${logical(name)}Rule`, changes(tables), ref(bus))
    for (const [id, pattern] of Object.entries(reactionInfra[name].rules?.(lake) ?? {})) add(name, id, pattern)
  }
  return {
    resources: Object.assign({}, ...wiring.values()) as Resources,
    senders: Object.fromEntries([...wiring].map(([queue, made]) => [queue, Object.keys(made)])),
  }
}

/** `Table Changed` of these tables, matched by format, since a pattern has no room for thousands of names. */
function changes(tables: readonly Table[]): object {
  const format = distinct(tables.map((table) => table.format)).toSorted()
  return { source: [SOURCE], 'detail-type': ['Table Changed'] satisfies CoreFact['type'][], detail: { format } }
}

/**
 * New objects that may be commits in a Delta log. S3 sends its events, with raw keys, to the account's default bus. A commit of
 * 10,000 data files is one such event; Parquet files and `_last_checkpoint` never match.
 */
function commits(bucket: string, tables: readonly Table[]): object {
  const key: object[] = [{ wildcard: '*/_delta_log/*.json' }]
  const wholeBucket = tables.some((table) => table.format === 'delta' && table.location.prefix === '')
  if (wholeBucket) key.push({ wildcard: '_delta_log/*.json' })
  return {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [bucket] }, object: { key } },
  }
}

/**
 * Objects of tables of files that were created or deleted, matched by the tables' prefixes. If a pattern cannot hold so many, it
 * matches the whole bucket, and the function ignores objects that belong to no table.
 */
function objects(bucket: string, tables: readonly Table[]): object {
  const pattern = (object: object): object => ({
    source: ['aws.s3'],
    'detail-type': ['Object Created', 'Object Deleted'],
    detail: { bucket: { name: [bucket] }, ...object },
  })
  const prefixes = tables.map(({ location }) => ({ prefix: `${location.prefix}/` }))
  const narrow = pattern({ object: { key: prefixes } })
  const wholeBucket = tables.some(({ location }) => location.prefix === '')
  return wholeBucket || JSON.stringify(narrow).length > PATTERN_LIMIT ? pattern({}) : narrow
}

/** EventBridge retries for a day, then sends the event to the queue's dead-letter queue. */
function rule(queue: string, pattern: object, busName?: Value): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      ...(busName === undefined ? {} : { EventBusName: busName }),
      EventPattern: pattern,
      State: 'ENABLED',
      Targets: [
        {
          Id: queue,
          Arn: arnOf(queueId(queue)),
          RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
          DeadLetterConfig: { Arn: arnOf(deadLettersId(queue)) },
        },
      ],
    },
  }
}
