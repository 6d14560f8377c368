import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/core/time.ts'
import { freePort } from '../cloud/emulator.ts'
import { signalGroup, waitUntilReady } from '../cloud/process.ts'

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python')
const READY_WITHIN: Milliseconds = 60_000
const ENDS_WITHIN: Milliseconds = 5_000

export interface MlflowOptions {
  /** Default: a free one. */
  readonly port?: number
  /** How it finds S3: the emulator's `environment`. */
  readonly environment: Readonly<Record<string, string>>
  /** Where artifacts are kept: `s3://bucket/prefix`. */
  readonly artifacts: string
  /** Whether clients send artifacts through the server; their addresses are then `mlflow-artifacts:`. Default: false. */
  readonly proxied?: boolean
  /** Key that encrypts the secrets of webhooks. Default: a random one. `none`: the server has no key. */
  readonly webhookKey?: string
  /** The admin of MLflow's basic auth. Absent: no authentication. */
  readonly admin?: { readonly username: string; readonly password: string }
}

/** A real MLflow server on 127.0.0.1, with a database that survives restarts. */
export interface LocalMlflow {
  /** `http://127.0.0.1:PORT` */
  readonly host: string
  /** Variables with which MLflow's clients find it, as its admin if it has one, and S3. */
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
  /** Kills it, as when a machine fails: what it had not sent is lost. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same database; ends it first if it runs. */
  restart(): Promise<void>
  /** Ends it and removes its files. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts `mlflow server` and waits until it answers, some 5 s. It ends with this process, even if that is killed.
 *
 * @throws Error with the end of its log if it is not up within 60 s
 */
export async function startMlflow(options: MlflowOptions): Promise<LocalMlflow> {
  const port = options.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-'))
  const logFile = join(folder, 'server.log')
  const environment = clientEnvironment(port, folder, options)
  // Made once: webhooks survive restarts, so the key of their secrets must too.
  const server = serverEnvironment(environment, folder, options)
  const run = (): Promise<ChildProcess> => launch(port, folder, logFile, server, options)
  const removeAll = (): void => {
    if (child !== undefined) signalGroup(child, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child !== undefined) await ended(child, signal)
    child = undefined
  }
  process.once('exit', removeAll)
  const stop = async (): Promise<void> => {
    await end('SIGTERM')
    process.off('exit', removeAll)
    removeAll()
  }
  try {
    child = await run()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    host: `http://127.0.0.1:${port}`,
    environment,
    logFile,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      child = await run()
    },
    stop,
  }
}

async function launch(
  port: number,
  folder: string,
  logFile: string,
  env: NodeJS.ProcessEnv,
  { artifacts, proxied = false, admin }: MlflowOptions,
): Promise<ChildProcess> {
  const store = proxied
    ? ['--serve-artifacts', '--artifacts-destination', artifacts]
    : ['--no-serve-artifacts', '--default-artifact-root', artifacts]
  const address = ['--host', '127.0.0.1', '--port', String(port)]
  const database = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`]
  const app = admin === undefined ? [] : ['--app-name', 'basic-auth']
  const given = [...address, ...database, ...store, ...app, '--workers', '1']
  const log = openSync(logFile, 'a')
  const child = spawn(PYTHON, [join(import.meta.dirname, 'serve.py'), ...given], {
    // It ends when its pipe closes. In a process group of its own, its workers end with it.
    stdio: ['pipe', log, log],
    detached: true,
    cwd: folder,
    env,
  })
  closeSync(log)
  try {
    await waitUntilReady(child, `http://127.0.0.1:${port}/health`, READY_WITHIN)
  } catch (error) {
    signalGroup(child, 'SIGKILL')
    const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n')
    throw new Error(`the MLflow server did not start on port ${port}; the end of its log:\n${tail}`, { cause: error })
  }
  return child
}

function clientEnvironment(
  port: number,
  folder: string,
  { environment, admin }: MlflowOptions,
): Record<string, string> {
  return {
    ...environment,
    ...(environment['AWS_ENDPOINT_URL'] !== undefined && { MLFLOW_S3_ENDPOINT_URL: environment['AWS_ENDPOINT_URL'] }),
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
    ...(admin !== undefined && {
      MLFLOW_TRACKING_USERNAME: admin.username,
      MLFLOW_TRACKING_PASSWORD: admin.password,
    }),
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: 'true',
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONWARNINGS: 'ignore',
    GIT_PYTHON_REFRESH: 'quiet',
  }
}

function serverEnvironment(client: Record<string, string>, folder: string, options: MlflowOptions): NodeJS.ProcessEnv {
  const { MLFLOW_TRACKING_URI: _, ...shared } = client
  // A Fernet key: 32 bytes in URL-safe base64, with its padding.
  const key = options.webhookKey ?? randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
  return {
    ...shared,
    // Otherwise seven more processes, for evaluations and scheduled jobs.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    // By default it only delivers to https and public addresses.
    MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
    MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
    ...(key !== 'none' && { MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: key }),
    ...(options.admin !== undefined && {
      MLFLOW_AUTH_CONFIG_PATH: authConfig(folder, options.admin),
      MLFLOW_FLASK_SERVER_SECRET_KEY: randomBytes(32).toString('hex'),
    }),
  }
}

/** MLflow's defaults and what its operator has to set. Logins are cached for a minute, since a check takes 0.3 s. */
function authConfig(folder: string, { username, password }: NonNullable<MlflowOptions['admin']>): string {
  const file = join(folder, 'auth.ini')
  const settings = {
    default_permission: 'READ',
    database_uri: `sqlite:///${join(folder, 'auth.db')}`,
    admin_username: username,
    admin_password: password,
    authorization_function: 'mlflow.server.auth:authenticate_request_basic_auth',
    auth_cache_ttl_seconds: '60',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(file, ['[mlflow]', ...lines, ''].join('\n'))
  return file
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    signalGroup(child, signal)
    await Promise.race([gone, sleep(ENDS_WITHIN, undefined, { ref: false })])
  }
  signalGroup(child, 'SIGKILL')
}
