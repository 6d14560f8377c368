import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation'
import type { StandIns } from '../../src/lake/stand-ins.ts'
import { names } from '../../src/lake/resource-names.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { parseLake } from '../../src/lake/lake-json.ts'
import { withFileLock } from './file-lock.ts'
import { childEnvironment, type Emulator, freePort } from './emulator.ts'

const ROOT = join(import.meta.dirname, '../..')
const SERVERLESS = join(ROOT, 'node_modules/.bin/serverless')
/** The stage of `npm start` and of the integration tests. */
export const STAGE = 'local'

/** It takes some 20 s. */
const DEPLOY_WITHIN: Milliseconds = 300_000

export interface DeployResult {
  readonly lake: Lake
  /** CloudFormation resources. */
  readonly resources: number
}

export interface DeployOptions extends StandIns {
  /** Default: lake.yml. */
  readonly lakeFile?: string
  readonly signal?: AbortSignal
}

/**
 * `serverless deploy --stage local`, as to AWS, but to the emulator.
 * @throws Error with what serverless printed
 */
export async function deploy(emulator: Emulator, options: DeployOptions = {}): Promise<DeployResult> {
  const { lakeFile, signal, ...standIns } = options
  const lakeJson = join(ROOT, `.landfall/${STAGE}/lake.json`)
  // Deploys package in shared folders: two at once would deploy each other's lake.
  const deployed = await withFileLock(
    join(ROOT, '.landfall/deploy.lock'),
    async () => {
      await serverless(emulator, ['deploy', '--stage', STAGE, ...params({ lake: lakeFile, ...standIns })], signal)
      return parseLake(await readFile(lakeJson, 'utf8'))
    },
    signal,
  )
  return { lake: deployed, resources: await countResources(emulator, names(deployed).stack) }
}

/** Runs `serverless offline` for the functions of a deployed lake until `signal`. Its output goes to this process's. */
export async function serveFunctions(
  emulator: Emulator,
  { lambdaPort, signal, ...standIns }: StandIns & { lambdaPort: number; signal: AbortSignal },
): Promise<void> {
  // It needs a port for the HTTP API, although the emulator serves that.
  const ports = ['--lambdaPort', String(lambdaPort), '--httpPort', String(await freePort())]
  const options = ['--host', '127.0.0.1', ...ports, '--reloadHandler', ...params({ ...standIns })]
  const child = spawn(process.execPath, [SERVERLESS, 'offline', '--stage', STAGE, ...options], {
    cwd: ROOT,
    env: environment(emulator),
    stdio: ['ignore', 'inherit', 'inherit'],
    signal,
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => (signal.aborted ? resolve() : reject(error)))
    child.once('close', (status) =>
      status === 0 || signal.aborted ? resolve() : reject(new Error(`serverless offline ended with ${status}`)),
    )
  })
}

function params(given: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : ['--param', `${name}=${value}`]))
}

/** Runs `serverless ARGS` against the emulator and answers its output. */
async function serverless(emulator: Emulator, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, [SERVERLESS, ...args], {
    cwd: ROOT,
    env: { ...environment(emulator), NO_COLOR: '1', SLS_AWS_MONITORING_FREQUENCY: '250' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([AbortSignal.timeout(DEPLOY_WITHIN), ...(signal === undefined ? [] : [signal])]),
  })
  const output: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => output.push(data))
  child.stderr.on('data', (data: Buffer) => output.push(data))
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, killed) => resolve(code ?? killed ?? 'no exit code'))
  })
  const text = Buffer.concat(output).toString().trim()
  if (status !== 0) throw new Error(`\`serverless ${args.join(' ')}\` failed (${status}):\n${text}`)
  return text
}

/** osls does not remove what it unpacks into the temporary folder. */
function environment(emulator: Emulator): NodeJS.ProcessEnv {
  return { ...childEnvironment(emulator, process.env), TMPDIR: emulator.folder }
}

async function countResources(emulator: Emulator, StackName: string): Promise<number> {
  const client = new CloudFormationClient({ endpoint: emulator.endpoint })
  let resources = 0
  for await (const page of paginateListStackResources({ client }, { StackName }))
    resources += page.StackResourceSummaries?.length ?? 0
  client.destroy()
  return resources
}
