import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Lake } from '../src/lake/lake.ts'
import { serializeLake } from '../src/lake/lake-json.ts'
import { problemLines } from '../src/lake/problem-text.ts'
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

/** Columns that the problems of a lake.yml are printed in. */
const WIDTH = 100

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
  const functions = functionsOf(lake, here ? (values) => resolvedHere(values, region) : (values) => values)
  return {
    service: `landfall-${lake.name}`,
    environment: here ? environmentHere(lake, lakeFile, emulator) : environment(lake, lakeFile),
    template: stack(lake, {
      functions: ['commits', 'sweep', ...Object.keys(functions)],
      ...(alarmTopic === '' ? {} : { topic: alarmTopic }),
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
