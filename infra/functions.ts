import type { Lake } from '../src/lake/lake.ts'
import { activeReactions, hasFiles, type ReactionName } from '../src/reactions/index.ts'
import { webhooksOf } from '../src/reactions/webhooks.ts'
import { existingBuckets } from './buckets.ts'
import type { Value } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { roleId, queueId } from './logical-ids.ts'

type Environment = Readonly<Record<string, Value>>

/** A function as osls expects it. */
interface FunctionEntry {
  readonly handler: string
  readonly description: string
  readonly role: string
  readonly timeout: number
  readonly memorySize?: number
  readonly environment?: Environment
  readonly tracing?: false
  readonly reservedConcurrency?: number
  readonly events?: readonly object[]
}

/**
 * The functions that depend on the lake: those of its reactions, and those that only some lakes need. `commits` and `sweep`,
 * which every lake has, are in serverless.yml.
 *
 * @param environment maps a function's own variables: outside of Lambda there is no CloudFormation to resolve references
 */
export function functionsOf(
  lake: Lake,
  environment: (values: Environment) => Environment,
): Readonly<Record<string, FunctionEntry>> {
  return {
    ...(hasFiles(lake) && { files }),
    ...Object.fromEntries(activeReactions(lake).map((name) => [name, reactionFunction(name, lake, environment)])),
    ...(webhooksOf(lake).length > 0 && { webhook: webhook(lake) }),
    ...(existingBuckets(lake).length > 0 && { 'bucket-events': bucketEvents }),
    ...(activeReactions(lake).includes('deployment') && { 'endpoint-logs': endpointLogs }),
  }
}

function reactionFunction(
  name: ReactionName,
  lake: Lake,
  environment: (values: Environment) => Environment,
): FunctionEntry {
  const { description, timeout, memory, batchSize, maximumConcurrency, environment: own } = reactionInfra[name]
  return {
    handler: `functions/${name}.handler`,
    description,
    role: roleId(name),
    timeout,
    memorySize: memory,
    ...(own && { environment: environment(own(lake)) }),
    events: [fedBy(name, { batchSize, maximumConcurrency })],
  }
}

function fedBy(queue: string, settings: object): object {
  const arn = { 'Fn::GetAtt': [queueId(queue), 'Arn'] }
  return { sqs: { arn, ...settings, functionResponseType: 'ReportBatchItemFailures' } }
}

/**
 * For tables of files. It has a queue of its own, so that commits of Delta tables do not wait for its batches: these are large,
 * to record many files as one version, and AWS requires a batching window of a second for more than ten messages. It runs
 * twice at most, since more would only compete for the next version of a log.
 */
const files: FunctionEntry = {
  handler: 'functions/files.handler',
  description: 'Records the S3 events of tables of files in their landing logs and publishes them on the bus',
  role: roleId('files'),
  timeout: 60,
  events: [fedBy('files', { batchSize: 1_000, maximumBatchingWindow: 1, maximumConcurrency: 2 })],
}

/**
 * Receives what outside systems send over HTTPS: a job's run has ended, a model was promoted. One route takes every path: with
 * a route for each source, the HTTP API's own 404 would tell which sources exist.
 */
function webhook({ limits }: Lake): FunctionEntry {
  return {
    handler: 'functions/webhook.handler',
    description: 'Receives webhooks, verifies them and queues wake-ups',
    role: roleId('webhook'),
    timeout: 10,
    ...(limits?.webhook !== undefined && { reservedConcurrency: limits.webhook }),
    events: [{ httpApi: { method: 'POST', path: '/{proxy+}' } }],
  }
}

/** For existing buckets: CloudFormation calls it once for each, as a custom resource. */
const bucketEvents: FunctionEntry = {
  handler: 'functions/bucket-events.handler',
  description: "Turns on a bucket's EventBridge notifications without changing its other settings",
  role: roleId('bucket-events'),
  timeout: 60,
  tracing: false,
}

/** For the log groups of endpoints: CloudFormation calls it, as a custom resource. */
const endpointLogs: FunctionEntry = {
  handler: 'functions/endpoint-logs.handler',
  description: "Gives the log groups of endpoints a retention, and the lake's key",
  role: roleId('endpoint-logs'),
  timeout: 300,
  tracing: false,
}
