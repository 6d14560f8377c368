import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { command as check } from '../cli/check/command.ts'
import type { Lake } from '../src/lake/lake.ts'
import { serializeLake } from '../src/lake/lake-json.ts'
import { urlFault } from '../src/lake/names.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import { JOBS_PATH, registryPath } from '../src/intake/webhook/sources.ts'
import { existingBuckets } from './buckets.ts'
import type { Template, Value } from './cloudformation.ts'
import { deploymentEnvironmentHere, environmentHere } from './local-environment.ts'
import { deploymentEnvironment, environment, stack } from './stack.ts'
import { hasFileCatalog, hasFiles, hasJobs, hasModels, hasWebhook, queueId, webhookRegistries } from './queues.ts'
import { roleId } from './roles.ts'
import { standInOf } from '../src/lake/stand-ins.ts'

export interface Settings {
  readonly stage: string
  /** Path of lake.yml. */
  readonly file: string
  /** ARN of an SNS topic; empty for none. */
  readonly alarmTopic: string
  /** Its endpoint, where the functions are to run in this checkout and not in Lambda; else empty. */
  readonly emulator: string
  /** Where the Databricks workspace is, in place of what lake.yml says: a stand-in of it. Empty: what lake.yml says. */
  readonly databricks: string
  /** The same for the lake's MLflow servers, all of them. */
  readonly mlflow: string
  /** Where the functions run. */
  readonly region: string
}

/** What serverless.yml takes from infra/serverless.cjs. */
export interface DeployPlan {
  /** The name of the service, and with `-STAGE` after it of the stack. */
  readonly service: string
  readonly environment: Readonly<Record<string, Value>>
  readonly template: Template
  /** Functions that only some lakes need. */
  readonly functions: Readonly<Record<string, object>>
  /** What goes into each function's package beside its bundle. */
  readonly lakeFile: string
}

/** The message is what `landfall check` prints. */
export class LakeProblems extends Error {
  override readonly name = 'LakeProblems'
}

/**
 * Reads lake.yml for a stage, writes the resolved lake to `.landfall/STAGE/lake.json`, and answers what to deploy.
 *
 * @throws {LakeProblems} with all that is wrong with lake.yml.
 */
export async function planDeploy(settings: Settings): Promise<DeployPlan> {
  const { stage, file, alarmTopic, emulator, region } = settings
  const lake = withStandIns(await load(file, stage), settings)
  const lakeFile = `.landfall/${stage}/lake.json`
  await mkdir(dirname(lakeFile), { recursive: true })
  await writeFile(lakeFile, serializeLake(lake))
  const here = emulator !== ''
  const functions = optionalFunctions(
    lake,
    here ? deploymentEnvironmentHere(lake, region) : deploymentEnvironment(lake),
  )
  return {
    service: `landfall-${lake.name}`,
    environment: here ? environmentHere(lake, lakeFile, emulator) : environment(lake, lakeFile),
    template: stack(lake, {
      functions: ['commits', 'catalog', 'sweep', ...Object.keys(functions)],
      ...(alarmTopic === '' ? {} : { topic: alarmTopic }),
    }),
    functions,
    lakeFile,
  }
}

async function load(file: string, stage: string): Promise<Lake> {
  const resolved = resolveLake(await readFile(file, 'utf8'), file, stage)
  const printed: string[] = []
  const print = (line: string) => void printed.push(line)
  if ('problems' in resolved || resolved.warnings.length > 0)
    await check.run([file, '--stage', stage], { out: print, err: print, width: 100 })
  if ('problems' in resolved) throw new LakeProblems(printed.join('\n'))
  if (printed.length > 0) console.error(printed.join('\n'))
  return resolved.lake
}

/** The lake with other addresses than lake.yml's, where such are given. */
function withStandIns(lake: Lake, { databricks, mlflow }: Pick<Settings, 'databricks' | 'mlflow'>): Lake {
  const workspace = standIn('databricks', databricks)
  const server = standIn('mlflow', mlflow)
  const registries = Object.entries(lake.registries).map(([name, registry]) => {
    const host = standInOf(registry.kind, {
      ...(workspace && { databricks: workspace }),
      ...(server && { mlflow: server }),
    })
    return [name, host === undefined ? registry : { ...registry, host }] as const
  })
  return {
    ...lake,
    registries: Object.fromEntries(registries),
    ...(lake.databricks !== undefined &&
      workspace !== undefined && { databricks: { ...lake.databricks, host: workspace } }),
  }
}

function standIn(param: string, host: string): string | undefined {
  if (host === '') return undefined
  const fault = urlFault(host)
  if (fault !== undefined)
    throw new LakeProblems(`--param ${param}: ${fault.what}: expected ${fault.expected}, found '${host}'`)
  return host
}

/** Those of the functions below that this lake has use for. */
function optionalFunctions(lake: Lake, models: Readonly<Record<string, Value>>): Readonly<Record<string, object>> {
  return {
    ...(hasFiles(lake) && { files }),
    ...(hasFileCatalog(lake) && { 'catalog-files': catalogFiles }),
    ...(hasJobs(lake) && { job }),
    ...(hasModels(lake) && { deployment: modelDeployment(models) }),
    ...(hasWebhook(lake) && { webhook: webhook(lake) }),
    ...(existingBuckets(lake).length > 0 && { 'bucket-events': bucketEvents }),
  }
}

/**
 * For a lake with tables of files. Its queue is its own, since a commit of a Delta table need not wait for a batch to
 * fill: that batches of files be large is what makes few versions of them, and AWS asks for a window of a second with
 * more than ten messages. Two at once: more would only lose each other's races for the next version of a log.
 */
export const files = {
  handler: 'functions/files.handler',
  description: 'S3 events of tables of files become versions of their landing logs, and facts on the bus',
  role: roleId('files'),
  timeout: 60,
  events: [
    {
      sqs: {
        arn: { 'Fn::GetAtt': [queueId('files'), 'Arn'] },
        batchSize: 1_000,
        maximumBatchingWindow: 1,
        maximumConcurrency: 2,
        functionResponseType: 'ReportBatchItemFailures',
      },
    },
  ],
}

/** For a lake with tables of files in the catalog. */
export const catalogFiles = {
  handler: 'functions/catalog-files.handler',
  description: 'Keeps the Glue record and the partitions of a table of files as its files say',
  role: roleId('catalog-files'),
  timeout: 60,
  memorySize: 1024,
  events: [
    {
      sqs: {
        arn: { 'Fn::GetAtt': [queueId('catalog-files'), 'Arn'] },
        batchSize: 10,
        maximumConcurrency: 10,
        functionResponseType: 'ReportBatchItemFailures',
      },
    },
  ],
}

/** For a lake that starts Databricks jobs. */
export const job = {
  handler: 'functions/job.handler',
  description: 'Starts Databricks jobs with exactly what is new, and follows them to their end',
  role: roleId('job'),
  timeout: 60,
  memorySize: 1024,
  events: [
    {
      sqs: {
        arn: { 'Fn::GetAtt': [queueId('job'), 'Arn'] },
        batchSize: 10,
        functionResponseType: 'ReportBatchItemFailures',
      },
    },
  ],
}

/**
 * For a lake with models. One message at a time, since packing a model of gigabytes takes most of the function's time, and
 * another endpoint's message in the same batch would share it. Ten at once: more would meet SageMaker's limits on calls.
 */
export function modelDeployment(environment: Readonly<Record<string, Value>>) {
  return {
    handler: 'functions/deployment.handler',
    description: 'Puts promoted models onto their SageMaker endpoints, and what worked back',
    role: roleId('deployment'),
    timeout: 900,
    memorySize: 512,
    environment,
    events: [
      {
        sqs: {
          arn: { 'Fn::GetAtt': [queueId('deployment'), 'Arn'] },
          batchSize: 1,
          maximumConcurrency: 10,
          functionResponseType: 'ReportBatchItemFailures',
        },
      },
    ],
  }
}

/** The door for what outside systems tell of themselves: that a job's run is over, that a model was promoted. */
export function webhook(lake: Lake) {
  const paths = [
    ...(hasJobs(lake) ? [JOBS_PATH] : []),
    ...(webhookRegistries(lake).length > 0 ? [registryPath('{name}')] : []),
  ]
  return {
    handler: 'functions/webhook.handler',
    description: 'Takes deliveries over HTTPS, verified before anything else',
    role: roleId('webhook'),
    timeout: 10,
    events: paths.map((path) => ({ httpApi: { method: 'POST', path } })),
  }
}

/** Called by CloudFormation itself, once for each bucket that exists already, and in no deploy of a lake without one. */
export const bucketEvents = {
  handler: 'functions/bucket-events.handler',
  description: "Switches a bucket's EventBridge notifications on and leaves its other settings as they are",
  role: roleId('bucket-events'),
  timeout: 60,
  tracing: false,
}
