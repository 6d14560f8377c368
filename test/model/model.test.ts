import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const isInstalled = (command: string, option: string) => spawnSync(command, [option]).status === 0
const canRun = isInstalled('spin', '-V') && isInstalled('gcc', '--version')
const needs = canRun ? '' : ' (skipped: needs spin and gcc, on Debian `apt-get install spin gcc`)'

describe(`the model of a run of two steps${needs}`, () => {
  const run = canRun ? test : test.skip
  run(
    'holds in every interleaving, and breaks when a rule is left out',
    () => {
      const { stdout, status } = spawnSync('bash', [join(import.meta.dirname, 'check.sh')], { encoding: 'utf8' })
      const lines = stdout.trim().split('\n')
      expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([])
      expect(lines).toHaveLength(10)
      expect(status).toBe(0)
    },
    300_000,
  )
})
