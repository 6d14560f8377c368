import type { Lake, Table } from '../src/lake/lake.ts'
import { type CoreFact, SOURCE } from '../src/core/facts.ts'
import { tablesOf } from '../src/reactions/sweep.ts'
import { bucketId } from './buckets.ts'
import { bus } from './bus.ts'
import { arnOf, logical, ref, type Resource, type Resources } from './cloudformation.ts'
import { buildsImages, imageBuildEnd } from './deployment/images.ts'
import { deadLettersId, hasModels, queueId, usedRegistries } from './queues.ts'

export interface Rules {
  readonly resources: Resources
  /** The rules' logical ids by the queue that they feed. */
  readonly senders: Readonly<Record<string, readonly string[]>>
}

/**
 * Which events wake what. One rule for each bucket and kind of table, whatever the number of tables: a bus holds a few
 * hundred rules and a pattern some thousand characters. Which table a key belongs to is the function's to say.
 */
export function rules(lake: Lake): Rules {
  const commitRules: Record<string, Resource> = {}
  const files: Record<string, Resource> = {}
  for (const [name, bucket] of Object.entries(lake.buckets)) {
    const tables = Object.values(lake.tables).filter((table) => table.location.bucket === bucket.name)
    if (tables.some((table) => table.format === 'delta'))
      commitRules[`${bucketId(name)}CommitsRule`] = rule('commits', commits(bucket.name, tables))
    const ofFiles = tables.filter((table) => table.format !== 'delta')
    if (ofFiles.length > 0) files[`${bucketId(name)}FilesRule`] = rule('files', objects(bucket.name, ofFiles))
  }
  const deployment = hasModels(lake) ? modelRules(lake) : {}
  const reactions = Object.entries(tablesOf).filter(([, concerns]) => Object.values(lake.tables).some(concerns))
  const woken = Object.fromEntries(
    reactions.map(([name, concerns]) => [
      `${logical(name)}Rule`,
      rule(name, changes(Object.values(lake.tables).filter(concerns)), ref(bus)),
    ]),
  )
  const senders = Object.fromEntries(reactions.map(([name]) => [name, [`${logical(name)}Rule`]]))
  return {
    resources: { ...commitRules, ...files, ...woken, ...deployment },
    senders: {
      commits: Object.keys(commitRules),
      files: Object.keys(files),
      deployment: Object.keys(deployment),
      ...senders,
    },
  }
}

/** What these tables tell the bus: by their formats, since a pattern has no room for thousands of names. */
function changes(tables: readonly Table[]): object {
  const format = [...new Set(tables.map((table) => table.format))].sort()
  return { source: [SOURCE], 'detail-type': ['Table Changed'] satisfies CoreFact['type'][], detail: { format } }
}

/**
 * New objects that may be commits of a Delta log. S3 sends its events to the account's default bus, raw keys in them; a
 * commit of 10,000 data files is one such event. A rewritten `_last_checkpoint` or a Parquet file never matches.
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

/** EventBridge's limit on a pattern, in characters (EventBridge user guide, "Quotas"). */
const PATTERN_LIMIT = 2_048

/**
 * Objects of tables of files that come and go: by the tables' prefixes or, where a pattern cannot hold so many, of the
 * whole bucket, of which the function takes what is a table's.
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

/**
 * What wakes deployments beside webhooks, the sweep and the reaction's own wake-ups: services tell it on the account's default
 * bus, as best they can (EventBridge events reference, "Amazon SageMaker AI events"). Endpoints by their names or, where a
 * pattern cannot hold so many, all of the account, of which the function takes what is a model's.
 */
function modelRules(lake: Lake): Record<string, Resource> {
  const endpoints = (EndpointName?: readonly string[]): object => ({
    source: ['aws.sagemaker'],
    'detail-type': ['SageMaker Endpoint State Change'],
    ...(EndpointName === undefined ? {} : { detail: { EndpointName } }),
  })
  const named = endpoints(Object.values(lake.models).map(({ endpoint }) => endpoint.name))
  const short = JSON.stringify(named).length <= PATTERN_LIMIT
  const managed = usedRegistries(lake).some(({ kind }) => kind === 'sagemaker')
  return {
    EndpointsRule: rule('deployment', short ? named : endpoints()),
    ...(buildsImages(lake) && { ImageBuildsRule: rule('deployment', imageBuildEnd(lake)) }),
    ...(managed && { MlflowRule: rule('deployment', mlflow) }),
  }
}

/**
 * All that an MLflow of SageMaker's tells: "SageMaker MLFlow Tracking Server Setting Registered Model Alias", …. The spelling
 * of the product is not the same everywhere in AWS's documentation.
 */
const mlflow = {
  source: ['aws.sagemaker'],
  'detail-type': [{ prefix: 'SageMaker MLFlow' }, { prefix: 'SageMaker MLflow' }],
}

/** EventBridge tries for a day, then gives the event to the dead letters of the queue that it was for. */
function rule(queue: string, pattern: object, busName?: object | string): Resource {
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
