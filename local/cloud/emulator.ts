import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/core/time.ts'
import { signalGroup, waitUntilReady } from './process.ts'

const ROOT = join(import.meta.dirname, '../..')
const PYTHON = join(ROOT, '.venv/bin/python')
const REGION = 'us-east-1'
const READY_WITHIN: Milliseconds = 30_000
const ENDS_WITHIN: Milliseconds = 5_000

/** A running AWS emulator on 127.0.0.1. */
export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  /** Variables with which AWS clients find it. */
  readonly environment: Readonly<Record<string, string>>
  /** For temporary files. `stop` removes it. */
  readonly folder: string
  /** The emulator's log, in `folder`. */
  readonly logFile: string
  /** Ends it with its Lambda workers and removes its files. Safe to call twice. */
  stop(): Promise<void>
}

export interface EmulatorOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Enforce IAM: each function runs with its own role, and calls that the role does not allow fail. Default: true. */
  readonly auth?: boolean
  /** Variables that lead functions and clients to services that it lacks, such as `AWS_ENDPOINT_URL_SAGEMAKER`. */
  readonly services?: Readonly<Record<string, string>>
  /** URLs by function name: events are posted there instead of running the function. */
  readonly functionsAt?: Readonly<Record<string, string>>
}

/**
 * Starts the emulator and waits until it answers. It ends with this process, even if that is killed.
 * @throws Error with the end of the emulator's log if it is not up within 30 s
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const port = options.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'landfall-'))
  const logFile = join(folder, 'emulator.log')
  const log = openSync(logFile, 'a')
  const child = spawn(PYTHON, [join(import.meta.dirname, 'emulator.py')], {
    // It ends when this pipe closes. In a process group of its own, Ctrl-C does not reach it, and its workers end with it.
    stdio: ['pipe', log, log],
    detached: true,
    env: emulatorEnvironment(port, folder, options),
  })
  closeSync(log)
  const killAll = (): void => signalGroup(child, 'SIGKILL')
  const removeAll = (): void => {
    killAll()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', removeAll)
  const stop = async (): Promise<void> => {
    await end(child)
    process.off('exit', removeAll)
    removeAll()
  }
  const endpoint = `http://127.0.0.1:${port}`
  try {
    await waitUntilReady(child, `${endpoint}/_ministack/ready`, READY_WITHIN)
  } catch (error) {
    const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n')
    await stop()
    throw new Error(`the AWS emulator did not start on port ${port}; the end of its log:\n${tail}`, { cause: error })
  }
  return { endpoint, environment: { ...clientEnvironment(endpoint), ...options.services }, folder, logFile, stop }
}

/** The variables with which an AWS SDK or CLI talks to the emulator and to nothing else. */
export function clientEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    // The emulator's root account, whose signatures it does not check.
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

/** `base` with the variables of the emulator in place of all that could lead a client to a real account. */
export function childEnvironment(emulator: Emulator, base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(base).filter(([name]) => !name.startsWith('AWS_'))
  return { ...Object.fromEntries(others), ...emulator.environment }
}

/** From here on, clients in this process find the emulator and no credentials of a real account. */
export function useEmulator({ environment }: Pick<Emulator, 'environment'>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, environment)
}

/** Few variables on purpose: the emulator passes its whole environment to the functions that it runs. */
function emulatorEnvironment(port: number, folder: string, options: EmulatorOptions): NodeJS.ProcessEnv {
  const proxied = Object.entries(options.functionsAt ?? {})
  return {
    ...options.services,
    ...Object.fromEntries(proxied.map(([name, url]) => [`MINISTACK_LAMBDA_PROXY_${name}`, url])),
    // The functions run on the first `node` of the PATH.
    PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    NODE_OPTIONS: '--no-deprecation',
    // Without these two it also listens on all interfaces.
    BIND_HOST: '127.0.0.1',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    MINISTACK_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    MINISTACK_REGION: REGION,
    AUTH: String(options.auth ?? true),
    PERSIST_STATE: '0',
    STATE_DIR: join(folder, 'state'),
    S3_DATA_DIR: join(folder, 's3'),
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.2',
  }
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the system gave no free port')
  return address.port
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([ended, sleep(ENDS_WITHIN, undefined, { ref: false })])
}
