import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { StandIns } from '../../src/lake/stand-ins.ts'
import { clientEnvironment, type Emulator, useEmulator } from './emulator.ts'

/** Exists while an emulator of this checkout is up. */
const FILE = join(import.meta.dirname, '../../.landfall/local/endpoint.json')

/** What other processes need to find an emulator and the systems beside it. */
interface SavedEndpoint extends Pick<Emulator, 'endpoint' | 'environment'> {
  readonly standIns?: StandIns
}

/** From here on, commands for the stage `local` find this emulator. */
export function saveEndpoint({ endpoint, environment, standIns = {} }: SavedEndpoint, file = FILE): void {
  mkdirSync(dirname(file), { recursive: true })
  const announcement: SavedEndpoint = { endpoint, environment, standIns }
  writeFileSync(file, `${JSON.stringify(announcement, undefined, 2)}\n`)
}

/** The systems beside the emulator at this address, if it is the one that was saved. */
export function savedStandIns(endpoint: string | undefined, file = FILE): StandIns {
  const found = readEndpoint(file)
  return (found !== undefined && found.endpoint === endpoint && found.standIns) || {}
}

/** Unless another one was saved since. */
export function removeEndpoint({ endpoint }: Pick<SavedEndpoint, 'endpoint'>, file = FILE): void {
  if (readEndpoint(file)?.endpoint === endpoint) rmSync(file, { force: true })
}

/**
 * Makes AWS clients of this process use the emulator that AWS_ENDPOINT_URL names, or else the saved one, with its credentials.
 * Variables of a real account are removed from the environment.
 * @throws Error if neither is there
 */
export async function useLocalEndpoint(file = FILE): Promise<void> {
  const given = process.env['AWS_ENDPOINT_URL']
  if (given !== undefined && given !== '')
    return useEmulator({ environment: { ...clientEnvironment(given), ...localServices(process.env) } })
  const found = readEndpoint(file)
  if (found === undefined)
    throw new Error(
      `no local cloud is running in this checkout: start it with 'npm start' in another terminal, or set AWS_ENDPOINT_URL to an emulator`,
    )
  if (!(await answers(found.endpoint)))
    throw new Error(`the local cloud at ${found.endpoint} does not answer: start it again with 'npm start'`)
  useEmulator(found)
}

/** Variables that lead to systems beside the emulator, on this machine. */
function localServices(env: NodeJS.ProcessEnv): Record<string, string> {
  const found = Object.entries(env).flatMap(([name, url]) =>
    name.startsWith('AWS_ENDPOINT_URL_') && url?.startsWith('http://127.0.0.1:') === true ? [[name, url] as const] : [],
  )
  return Object.fromEntries(found)
}

function readEndpoint(file: string): SavedEndpoint | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SavedEndpoint) : undefined
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}
