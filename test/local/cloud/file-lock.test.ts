import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { withFileLock } from '../../../local/cloud/file-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-lock-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('only one holds the lock at a time, and a failure releases it', async () => {
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

test('the lock of a killed process is ignored; waiting can be aborted', async () => {
  const file = join(folder, 'lock')
  const { pid } = spawnSync('true')
  writeFileSync(file, String(pid))
  expect(await withFileLock(file, async () => 'in')).toBe('in')
  writeFileSync(file, String(process.pid))
  await expect(withFileLock(file, async () => 'in', AbortSignal.timeout(50))).rejects.toThrow(/abort/)
})
