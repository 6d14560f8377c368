// Installs what is missing, then runs a TypeScript file on the project's own Node:
//   node scripts/run.js FILE [ARGS…]
// Plain JavaScript, since it runs before `npm ci`, on the host's Node.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { bootstrap, NODE, ROOT, SetupError } from './bootstrap.js'

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node scripts/run.js FILE [ARGS…]')
  process.exit(2)
}

try {
  await bootstrap()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`landfall: ${error.message}`)
  process.exit(1)
}

const child = spawn(NODE, ['--no-warnings', file, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  // So that what the child starts (jest, serverless) runs on the same Node.
  env: { ...process.env, PATH: `${dirname(NODE)}:${process.env.PATH}`, npm_node_execpath: NODE },
})

// The terminal sends Ctrl-C to the child too. Signals to this process only are passed on.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

// If npm is killed, this script loses its parent: end, and do not run on unseen.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 1000).unref()
}

child.on('error', (error) => {
  console.error(`landfall: ${NODE} does not start (${error.message}). Remove node_modules and try again.`)
  process.exit(1)
})
child.on('exit', (status, signal) => process.exit(signal === null ? status : signal === 'SIGINT' ? 130 : 1))
