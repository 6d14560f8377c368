#!/usr/bin/env node
// Runs the CLI on the Node that the project ships (Lambda's own runtime), whatever the host has.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const own = at('../node_modules/node/bin/node')
if (!existsSync(own)) {
  console.error('landfall: its packages are not installed yet. Run `npm run bootstrap` in the checkout first.')
  process.exit(2)
}
// Ctrl-C is the command's to answer: some finish what they are at first.
process.on('SIGINT', () => {})
const { status, signal } = spawnSync(own, ['--no-warnings', at('./run.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(signal === null ? (status ?? 2) : 130)
