import { readFile } from 'node:fs/promises'
import { isLocal } from '../src/lake/stage.ts'
import { announcedStandIns, useLocalEndpoint } from '../local/cloud/endpoint.ts'
import type { Lake } from '../src/lake/lake.ts'
import { resolveLake } from '../src/reactions/declaration/resolve.ts'
import type { LakeArguments } from './arguments.ts'
import type { ExitCode, Io } from './command.ts'
import { type Deployed, deployedLake } from './deployed.ts'
import { withStandIns } from './stand-ins.ts'
import { counted } from './text.ts'

/** The lake of `file`, for one stage. `undefined` when it has problems, which are then printed. */
export async function loadLake(file: string | undefined, stage: string | undefined, io: Io): Promise<Lake | undefined> {
  const path = file ?? 'lake.yml'
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`cannot read ${path}`, { cause })
  })
  const resolved = resolveLake(text, path, stage)
  if ('lake' in resolved) return resolved.lake
  for (const { line, column, path: key, message } of resolved.problems)
    io.err(`${path}:${line}:${column}  ${key === '' ? '' : `${key}  `}${message}`)
  io.err(`\n${path} has ${counted(resolved.problems.length, 'problem')}; landfall check ${path} says more.`)
  return undefined
}

/**
 * Runs `work` on a deployed lake: on the local cloud for the stage `local`, else on AWS as the environment says.
 * @throws Error that says what to do where the lake is not deployed there, or nobody says who asks
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
  const standIns = announcedStandIns(process.env['AWS_ENDPOINT_URL'])
  const lake = here ? withStandIns(loaded, file ?? 'lake.yml', standIns) : loaded
  const deployed = deployedLake(lake)
  try {
    return await work(deployed)
  } catch (error) {
    throw explained(error, lake)
  } finally {
    deployed.close()
  }
}

/** As AWS's services name it. */
const ABSENT = ['ResourceNotFoundException', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']
const ANONYMOUS = ['CredentialsProviderError', 'TokenProviderError']

function explained(cause: unknown, { name, stage }: Lake): unknown {
  if (!(cause instanceof Error)) return cause
  if (ABSENT.includes(cause.name))
    return new Error(
      `the lake ${name} does not stand as stage ${stage} in this account and region: npm run deploy -- --stage ${stage}, or name another one with --stage`,
      { cause },
    )
  if (ANONYMOUS.includes(cause.name) || cause.message === 'Region is missing')
    return new Error(
      `AWS does not know who asks, or where: set AWS_PROFILE and AWS_REGION; for the lake of npm start, --stage local`,
      { cause },
    )
  return cause
}
