import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { withFileLock } from '../../../local/cloud/file-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alone-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('two that want the same are never at it at once, and a failure lets the next one in', async () => {
  const file = join(folder, 'deep/lock')
  let inside = 0
  const work = async (): Promise<number> => {
    inside += 1
    const seen = inside
    await sleep(20)
    inside -= 1
    if (seen !== 1) throw new Error(`${seen} at once`)
    return seen
  }
  const failing = withFileLock(file, () => Promise.reject(new Error('of its own')))
  await expect(failing).rejects.toThrow('of its own')
  expect(await Promise.all([withFileLock(file, work), withFileLock(file, work), withFileLock(file, work)])).toEqual([
    1, 1, 1,
  ])
  expect(existsSync(file)).toBe(false)
})

test('what a killed process left behind holds nobody up; who is asked to end stops waiting', async () => {
  const file = join(folder, 'lock')
  const { pid } = spawnSync('true')
  writeFileSync(file, String(pid))
  expect(await withFileLock(file, async () => 'in')).toBe('in')
  writeFileSync(file, String(process.pid))
  await expect(withFileLock(file, async () => 'in', AbortSignal.timeout(50))).rejects.toThrow(/abort/)
})
