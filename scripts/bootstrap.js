// Installs what is missing: the npm packages of package-lock.json, and a .venv with the PyPI packages of
// requirements.txt. Takes a few ms if both are installed. Plain JavaScript without dependencies, since it runs before `npm ci`,
// on the host's Node. It prints to stderr only.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
/** Lambda's own Node, from the npm package `node`. */
export const NODE = join(ROOT, 'node_modules/node/bin/node')
const NODE_INSTALLER = join(ROOT, 'node_modules/node/installArchSpecificPackage.js')
const INSTALLED_LOCK = join(ROOT, 'node_modules/.package-lock.json')
/** The Python environments. checkov has one of its own: it needs an older boto3, and only `npm run check` needs it. */
const VENVS = {
  main: { folder: '.venv', requirements: 'requirements.txt' },
  checkov: { folder: '.landfall/checkov', requirements: 'requirements-checkov.txt' },
}
const LOCK = join(ROOT, '.landfall/bootstrap.lock')

const OLDEST_NODE = 20
const OLDEST_PYTHON = [3, 10]

/** The host lacks something, or an installer failed. The message is one line that says what to do. */
export class SetupError extends Error {}

/**
 * Makes the checkout ready to run. Safe to call from several processes at once: one installs, the others wait.
 *
 * @param {(keyof typeof VENVS)[]} names the Python environments that are needed
 */
export async function bootstrap(names = ['main']) {
  checkHost()
  const missing = () => names.map((name) => VENVS[name]).filter((venv) => !venvDone(venv))
  if (npmDone() && missing().length === 0) return
  await locked(async () => {
    if (!npmDone()) await installNpm()
    for (const venv of missing()) await installVenv(venv)
  })
}

function checkHost() {
  if (process.platform === 'win32')
    throw new SetupError('the local cloud runs on Linux and macOS; on Windows, use WSL.')
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
    throw new SetupError(
      `Node ${OLDEST_NODE} or newer is needed; ${process.execPath} is ${process.versions.node}. Install one from https://nodejs.org.`,
    )
}

/** npm writes node_modules/.package-lock.json last, so all packages in it are installed. It is compared with package-lock.json. */
function npmDone() {
  const installed = readJson(INSTALLED_LOCK)
  if (installed === undefined || !existsSync(NODE)) return false
  const wanted = readJson(join(ROOT, 'package-lock.json')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed.packages[path]
    // Packages for other platforms are optional and not installed.
    return (
      path === '' ||
      (found === undefined
        ? entry.optional === true || entry.devOptional === true
        : found.integrity === entry.integrity)
    )
  })
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function installNpm() {
  rmSync(INSTALLED_LOCK, { force: true })
  await run('npm packages (npm ci)', ...npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']))
  // The npm package `node` downloads its binary in an install script, which many users disable (ignore-scripts).
  if (!existsSync(NODE)) {
    const cwd = join(ROOT, 'node_modules/node')
    await run(
      'Node 24 (npm did not run the install script of the package `node`)',
      process.execPath,
      [NODE_INSTALLER],
      { cwd },
    )
  }
  const { status, error } = spawnSync(NODE, ['--version'])
  if (status !== 0)
    throw new SetupError(
      `the Node of the npm package \`node\` does not run here (${error?.message ?? `exit code ${status}`}): ${NODE}`,
    )
}

/** The npm that runs this script, or the one on the PATH. */
function npm(args) {
  const cli = process.env.npm_execpath
  return cli?.endsWith('npm-cli.js') ? [process.execPath, [cli, ...args]] : ['npm', args]
}

function requirementsHash(requirements) {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, requirements)))
    .digest('hex')
}

const pythonOf = (folder) => join(ROOT, folder, 'bin/python')
const stampOf = (folder) => join(ROOT, folder, 'requirements.sha256')

/** The stamp is written last. existsSync follows the link to the Python that the environment was made from, which may be gone. */
function venvDone({ folder, requirements }) {
  const stamp = stampOf(folder)
  return (
    existsSync(pythonOf(folder)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === requirementsHash(requirements)
  )
}

async function installVenv({ folder, requirements }) {
  const python = findPython()
  rmSync(join(ROOT, folder), { recursive: true, force: true })
  await run(`Python environment (${folder}, from ${python})`, python, ['-m', 'venv', join(ROOT, folder)])
  const options = ['--require-hashes', '--only-binary=:all:', '--disable-pip-version-check', '--no-input', '--quiet']
  await run(`PyPI packages (${requirements})`, pythonOf(folder), [
    '-m',
    'pip',
    'install',
    ...options,
    '-r',
    join(ROOT, requirements),
  ])
  writeFileSync(stampOf(folder), requirementsHash(requirements))
}

/** A Python that is new enough and can make a .venv. @throws {SetupError} that says what the closest one lacks */
function findPython() {
  const [major, minor] = OLDEST_PYTHON
  const wanted = `Python ${major}.${minor} or newer`
  const probe = 'import sys; print("%d.%d" % sys.version_info[:2]); import venv, ensurepip'
  let closest = `${wanted} is needed; there is no python3 on the PATH.`
  let rank = 0
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']) {
    const { status, stdout } = spawnSync(name, ['-c', probe], { encoding: 'utf8', env: pythonEnv() })
    const version = /^(\d+)\.(\d+)$/m.exec(stdout ?? '')
    if (version === null) continue
    const recent = Number(version[1]) > major || (Number(version[1]) === major && Number(version[2]) >= minor)
    if (recent && status === 0) return name
    if (recent && rank < 2) {
      closest = `${name} (${version[0]}) cannot make a virtual environment: on Debian and Ubuntu, \`apt install python3-venv\`.`
      rank = 2
    } else if (rank < 1) {
      closest = `${wanted} is needed; ${name} is ${version[0]}.`
      rank = 1
    }
  }
  throw new SetupError(closest)
}

/** A user's PYTHONPATH or PIP_USER must not affect the .venv. */
function pythonEnv() {
  const { PYTHONPATH: _path, PYTHONHOME: _home, PIP_USER: _user, PIP_TARGET: _target, ...env } = process.env
  return { ...env, PIP_USER: '0' }
}

/** Runs an installer and prints how long it takes, and its output if it fails. */
async function run(label, command, args, options = {}) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  const terminal = process.stderr.isTTY === true
  process.stderr.write(`landfall: installing ${label} …${terminal ? '' : '\n'}`)
  const ticking = setInterval(
    () =>
      process.stderr.write(terminal ? `\rlandfall: installing ${label} … ${seconds()} ` : `landfall: … ${seconds()}\n`),
    terminal ? 1000 : 15_000,
  )
  const output = []
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: pythonEnv(), ...options })
  child.stdout.on('data', (data) => output.push(data))
  child.stderr.on('data', (data) => output.push(data))
  const interrupted = (signal) => {
    child.kill(signal)
    process.exit(130)
  }
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  const end = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (status, signal) => resolve(status === 0 ? undefined : (signal ?? `exit code ${status}`)))
  })
  clearInterval(ticking)
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  process.stderr.write(terminal ? `\rlandfall: installed ${label} in ${seconds()}.\n` : '')
  if (end === undefined) return
  process.stderr.write(Buffer.concat(output))
  throw new SetupError(
    `${label}: ${command} failed (${end}); its output is above. Fix that and run the same command again.`,
  )
}

/** Holds .landfall/bootstrap.lock, a file with the holder's process id, while `work` runs. */
async function locked(work) {
  mkdirSync(join(ROOT, '.landfall'), { recursive: true })
  const mine = `${LOCK}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    let reported = false
    while (!tryLock(mine)) {
      if (!reported) console.error('landfall: another process is installing here; waiting for it …')
      reported = true
      await sleep(500)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  const release = () => rmSync(LOCK, { force: true })
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function tryLock(mine) {
  try {
    linkSync(mine, LOCK)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!holderLives()) rmSync(LOCK, { force: true })
  return false
}

function holderLives() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await bootstrap(['main', ...process.argv.slice(2)])
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`landfall: ${error.message}`)
    process.exitCode = 1
  }
}
