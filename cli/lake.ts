import { readFile } from 'node:fs/promises'
import { savedStandIns, useLocalEndpoint } from '../local/cloud/endpoint.ts'
import type { Lake } from '../src/lake/lake.ts'
import { isLocal } from '../src/lake/stage.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import type { LakeArguments } from './arguments.ts'
import { isNotFound, withoutCredentials } from './aws-errors.ts'
import { CommandError, type ExitCode, type Io } from './command.ts'
import { connect, type Deployed } from './deployed.ts'
import { withStandIns } from './stand-ins.ts'
import { counted } from './text.ts'

/** The lake that `file` declares, for one stage. `undefined` when it has problems, which are then printed. */
export async function loadLake(file: string | undefined, stage: string | undefined, io: Io): Promise<Lake | undefined> {
  const path = file ?? 'lake.yml'
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`cannot read ${path}`, { cause })
  })
  const resolved = resolveLake(text, path, stage)
  if ('lake' in resolved) return resolved.lake
  for (const { line, column, path: key, message } of resolved.problems)
    io.err(`${path}:${line}:${column}  ${key === '' ? '' : `${key}  `}${message}`)
  io.err(`\n${path} has ${counted(resolved.problems.length, 'problem')}`)
  io.err(`  Show the lines: landfall check ${path}`)
  return undefined
}

/**
 * Runs `work` on a deployed lake: in the local cloud for the stage `local`, otherwise on AWS with the credentials of the
 * environment.
 * @throws {CommandError} where the lake is not deployed, or credentials are missing
 */
export async function onDeployed(
  { file, stage }: LakeArguments,
  io: Io,
  work: (deployed: Deployed) => Promise<ExitCode>,
): Promise<ExitCode> {
  const loaded = await loadLake(file, stage, io)
  if (loaded === undefined) return 1
  const here = isLocal(loaded.stage)
  if (here) await useLocalEndpoint()
  const standIns = savedStandIns(process.env['AWS_ENDPOINT_URL'])
  const lake = here ? withStandIns(loaded, file ?? 'lake.yml', standIns) : loaded
  const deployed = connect(lake)
  try {
    return await work(deployed)
  } catch (error) {
    throw await explained(error, deployed)
  } finally {
    deployed.close()
  }
}

async function explained(cause: unknown, { lake, clients }: Deployed): Promise<unknown> {
  if (!(cause instanceof Error)) return cause
  if (!isNotFound(cause)) return withoutCredentials(cause) ?? cause
  const region = await clients.sqs.config.region()
  return new CommandError(
    `lake ${lake.name} is not deployed to stage ${lake.stage} in this account (region ${region})`,
    `Deploy it with npm run deploy -- --stage ${lake.stage}, or choose another stage with --stage.`,
    { cause },
  )
}
