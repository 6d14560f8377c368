#!/usr/bin/env node
// Runs the CLI on the Node version that the project ships, which is Lambda's, whatever the host has.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const own = at('../node_modules/node/bin/node')
if (!existsSync(own)) {
  console.error('landfall: packages are not installed. Run `npm run bootstrap` in the checkout first.')
  process.exit(2)
}
// The command handles Ctrl-C itself: some finish their current step first.
process.on('SIGINT', () => {})
const { status, signal } = spawnSync(own, ['--no-warnings', at('./run.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(signal === null ? (status ?? 2) : 130)
