import type { Lake } from '../src/lake/lake.ts'
import { activeReactions, hasFiles, type ReactionName } from '../src/reactions/index.ts'
import { webhooksOf } from '../src/reactions/webhooks.ts'
import { existingBuckets } from './buckets.ts'
import type { Value } from './cloudformation.ts'
import { reactionInfra } from './index.ts'
import { roleId, queueId } from './logical-ids.ts'
type Environment = Readonly<Record<string, Value>>

/** As osls takes a function. */
interface FunctionEntry {
  readonly handler: string
  readonly description: string
  readonly role: string
  readonly timeout: number
  readonly memorySize?: number
  readonly environment?: Environment
  readonly tracing?: false
  readonly events?: readonly object[]
}

/**
 * The functions that depend on the lake: those of its reactions, and those that only some lakes need. `commits` and `sweep`,
 * which every lake has, are in serverless.yml.
 *
 * @param environment what becomes of a function's own variables, as where there is no CloudFormation to complete them
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
    events: [fedBy(name, { batchSize, ...(maximumConcurrency !== undefined && { maximumConcurrency }) })],
  }
}

function fedBy(queue: string, settings: object): object {
  const arn = { 'Fn::GetAtt': [queueId(queue), 'Arn'] }
  return { sqs: { arn, ...settings, functionResponseType: 'ReportBatchItemFailures' } }
}

/**
 * For a lake with tables of files. Its queue is its own, since a commit of a Delta table need not wait for a batch to
 * fill: that batches of files be large is what makes few versions of them, and AWS asks for a window of a second with
 * more than ten messages. Two at once: more would only lose each other's races for the next version of a log.
 */
const files: FunctionEntry = {
  handler: 'functions/files.handler',
  description: 'S3 events of tables of files become versions of their landing logs, and facts on the bus',
  role: roleId('files'),
  timeout: 60,
  events: [fedBy('files', { batchSize: 1_000, maximumBatchingWindow: 1, maximumConcurrency: 2 })],
}

/** Takes in what outside systems send over HTTPS: that a job's run has ended, that a model was promoted. */
function webhook(lake: Lake): FunctionEntry {
  const paths = webhooksOf(lake).flatMap(({ routes }) => routes(lake))
  return {
    handler: 'functions/webhook.handler',
    description: 'Takes deliveries over HTTPS, verified before anything else',
    role: roleId('webhook'),
    timeout: 10,
    events: paths.map((path) => ({ httpApi: { method: 'POST', path } })),
  }
}

/** Called by CloudFormation itself, once for each bucket that exists already, and in no deploy of a lake without one. */
const bucketEvents: FunctionEntry = {
  handler: 'functions/bucket-events.handler',
  description: "Switches a bucket's EventBridge notifications on and leaves its other settings as they are",
  role: roleId('bucket-events'),
  timeout: 60,
  tracing: false,
}
