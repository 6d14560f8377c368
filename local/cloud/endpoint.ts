import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { StandIns } from '../../src/lake/stand-ins.ts'
import { clientEnvironment, type Emulator, useEmulator } from './emulator.ts'

/** Where whoever runs an emulator in this checkout says so, for as long as it is up. */
const FILE = join(import.meta.dirname, '../../.landfall/local/endpoint.json')

/** An emulator, as those who look for it need to know it. */
interface SavedEndpoint extends Pick<Emulator, 'endpoint' | 'environment'> {
  /** What stands beside it. */
  readonly standIns?: StandIns
}

/** From here on, commands for the stage `local` find this emulator by themselves. */
export function saveEndpoint({ endpoint, environment, standIns = {} }: SavedEndpoint, file = FILE): void {
  mkdirSync(dirname(file), { recursive: true })
  const announcement: SavedEndpoint = { endpoint, environment, standIns }
  writeFileSync(file, `${JSON.stringify(announcement, undefined, 2)}\n`)
}

/** What stands beside the emulator at this address, as far as it was announced. */
export function savedStandIns(endpoint: string | undefined, file = FILE): StandIns {
  const found = readEndpoint(file)
  return (found !== undefined && found.endpoint === endpoint && found.standIns) || {}
}

/** Unless another one was announced since. */
export function removeEndpoint({ endpoint }: Pick<SavedEndpoint, 'endpoint'>, file = FILE): void {
  if (readEndpoint(file)?.endpoint === endpoint) rmSync(file, { force: true })
}

/**
 * Makes AWS clients of this process speak to the emulator that AWS_ENDPOINT_URL names, or else to the announced one, with
 * its credentials: whatever else the environment holds of a real account is taken out of it.
 * @throws Error where neither is there
 */
export async function useLocalEndpoint(file = FILE): Promise<void> {
  const given = process.env['AWS_ENDPOINT_URL']
  if (given !== undefined && given !== '')
    return useEmulator({ environment: { ...clientEnvironment(given), ...standIns(process.env) } })
  const found = readEndpoint(file)
  if (found === undefined)
    throw new Error(
      `no local cloud runs in this checkout: start it with 'npm start' in another terminal, or name an emulator in AWS_ENDPOINT_URL`,
    )
  if (!(await answers(found.endpoint)))
    throw new Error(`the local cloud at ${found.endpoint} does not answer: it was ended; start it with 'npm start'`)
  useEmulator(found)
}

/** Services that stand beside the emulator, on this machine. */
function standIns(env: NodeJS.ProcessEnv): Record<string, string> {
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
