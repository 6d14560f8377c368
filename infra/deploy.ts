import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Lake } from '../src/lake/lake.ts'
import { serializeLake } from '../src/lake/lake-json.ts'
import { isLocal } from '../src/lake/stage.ts'
import { problemLines } from '../src/lake/problem-text.ts'
import { quoted } from '../src/lake/problem.ts'
import { urlFault } from '../src/lake/names.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import type { Template, Value } from './cloudformation.ts'
import { functionsOf } from './functions.ts'
import { environmentHere, resolvedHere } from './local-environment.ts'
import { environment, stack } from './stack.ts'
import { standInOf } from '../src/lake/stand-ins.ts'

export interface Settings {
  readonly stage: string
  /** Path of lake.yml. */
  readonly file: string
  /** ARN of an SNS topic for the alarms; empty for none. */
  readonly alarmTopic: string
  /** The emulator's endpoint, if the functions run in this checkout and not in Lambda; else empty. */
  readonly emulator: string
  /** Address of a stand-in for the Databricks workspace; empty: use the one in lake.yml. */
  readonly databricks: string
  /** The same for all of the lake's MLflow servers. */
  readonly mlflow: string
  readonly region: string
}

/** The values that serverless.yml reads through infra/serverless.cjs. */
interface DeployPlan {
  /** The name of the service. The stack is named `SERVICE-STAGE`. */
  readonly service: string
  readonly environment: Readonly<Record<string, Value>>
  /** osls's settings of the bucket of deployments. */
  readonly deploymentBucket: object
  readonly template: Template
  /** The functions that depend on the lake. */
  readonly functions: Readonly<Record<string, object>>
  /** The resolved lake, which is packaged with each function's bundle. */
  readonly lakeFile: string
}

/** Columns in which the problems of a lake.yml are printed. */
const WIDTH = 100

/** The message is what `landfall check` prints. */
export class LakeProblems extends Error {
  override readonly name = 'LakeProblems'
}

/**
 * Reads lake.yml for a stage, writes the resolved lake to `.landfall/STAGE/lake.json`, and returns what to deploy.
 *
 * @throws {LakeProblems} with every problem in lake.yml.
 */
export async function planDeploy(settings: Settings): Promise<DeployPlan> {
  const { stage, file, alarmTopic, emulator, region } = settings
  const lake = withKeys(withStandIns(await load(file, stage), settings), region)
  const lakeFile = `.landfall/${stage}/lake.json`
  await mkdir(dirname(lakeFile), { recursive: true })
  await writeFile(lakeFile, serializeLake(lake))
  const here = emulator !== ''
  const functions = functionsOf(lake, here ? (values) => resolvedHere(values, region) : (values) => values)
  return {
    service: `landfall-${lake.name}`,
    environment: here ? environmentHere(lake, lakeFile, emulator) : environment(lake, lakeFile),
    deploymentBucket: {
      blockPublicAccess: true,
      ...(lake.kms !== undefined && { serverSideEncryption: 'aws:kms', sseKMSKeyId: lake.kms }),
    },
    template: stack(lake, {
      functions: ['commits', 'sweep', ...Object.keys(functions)],
      topic: alarmTopic === '' ? undefined : alarmTopic,
    }),
    functions,
    lakeFile,
  }
}

async function load(file: string, stage: string): Promise<Lake> {
  const text = await readFile(file, 'utf8')
  const resolved = resolveLake(text, file, stage)
  const problems = 'problems' in resolved ? resolved.problems : []
  const printed = problemLines([...problems, ...resolved.warnings], text, WIDTH).join('\n')
  if ('problems' in resolved) throw new LakeProblems(`${printed}\n${file} has ${problems.length} problems`)
  if (printed !== '') console.error(printed)
  return resolved.lake
}

/**
 * The lake, once its keys are known to be in the region of the stack, as KMS needs. On the stage local it has none: the
 * emulator has no such keys.
 */
function withKeys(lake: Lake, region: string): Lake {
  const buckets = Object.entries(lake.buckets)
  if (isLocal(lake.stage)) {
    const plain = buckets.map(([name, bucket]) => [name, { ...bucket, kms: undefined }] as const)
    return { ...lake, kms: undefined, buckets: Object.fromEntries(plain) }
  }
  const keys = [['kms', lake.kms], ...buckets.map(([name, { kms }]) => [`buckets.${name}.kms`, kms])] as const
  for (const [path, key] of keys)
    if (key !== undefined && key.split(':')[3] !== region)
      throw new LakeProblems(`${path}: expected a key in ${region}, where the stack is deployed, found '${key}'`)
  return lake
}

/** The lake with the addresses of stand-ins in place of those in lake.yml. */
function withStandIns(lake: Lake, { databricks, mlflow }: Pick<Settings, 'databricks' | 'mlflow'>): Lake {
  const workspace = standIn('databricks', databricks)
  const server = standIn('mlflow', mlflow)
  const registries = Object.entries(lake.registries).map(([name, registry]) => {
    const host = standInOf(registry.kind, { databricks: workspace, mlflow: server })
    return [name, host === undefined ? registry : { ...registry, host }] as const
  })
  return {
    ...lake,
    registries: Object.fromEntries(registries),
    databricks:
      lake.databricks === undefined || workspace === undefined
        ? lake.databricks
        : { ...lake.databricks, host: workspace },
  }
}

function standIn(param: string, host: string): string | undefined {
  if (host === '') return undefined
  const fault = urlFault(host)
  if (fault !== undefined)
    throw new LakeProblems(`--param ${param}: ${fault.what}: expected ${fault.expected}, found ${quoted(host)}`)
  return host
}
