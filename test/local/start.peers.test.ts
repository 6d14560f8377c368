import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
const SLOW = 180_000

/** Where `npm start` puts its files: what is left in it afterwards was forgotten. */
let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'start-test-'))
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

function start(...args: string[]): { readonly child: ChildProcess; readonly printed: () => string } {
  const child = spawn(process.execPath, ['--no-warnings', 'local/start.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: scratch, AWS_PROFILE: 'real', AWS_SESSION_TOKEN: 'real' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  child.stderr.on('data', (data: Buffer) => (text += data.toString()))
  return { child, printed: () => text }
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('close', resolve))

/** Answers what `look` does, once it answers anything but undefined. */
async function eventually<Found>(look: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(50)
  }
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/health`).then(
    () => true,
    () => false,
  )
}

/** The endpoint at which `landfall --stage local` looks for the lake. */
async function announced(): Promise<string | undefined> {
  const text = await readFile(join(ROOT, '.landfall/local/endpoint.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { endpoint: string }).endpoint
}

const endpointIn = (text: string): string | undefined => /AWS emulator +(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1]

describe('npm start', () => {
  test(
    'what was written and uploaded is what a reader of the catalog finds, after losses and a drop, each burst by one run, and nothing is left running',
    async () => {
      const { child, printed } = start('--once')
      const status = await ended(child)
      expect({ status, printed: printed() }).toEqual({ status: 0, printed: expect.stringContaining('both agree') })
      expect(printed()).toContain('+ origin_state string')
      expect(printed()).toMatch(/small files compacted.*stands, no write/)
      expect(printed()).toMatch(/January: 31 files.*created with 6 columns; 31 partitions/)
      expect(printed()).toMatch(/one run, .* of these alone \(by its parameters\): 6,937 rows of 31 files/)
      expect(printed()).toMatch(/one run, .* of these alone \(by a manifest\): 13,063 rows of 59 files/)
      expect(printed()).toMatch(/uploads_clean +v0 +catalog: created with 7 columns/)
      expect(printed()).toMatch(/the sweep +asks Databricks.*; 3 runs in all/)
      expect(printed()).toMatch(/19,889 flights, .* in silver\.uploads_clean: both agree/)
      expect(printed()).toMatch(/InvokeEndpoint .*: as version 2 itself answers/)
      expect(printed()).toMatch(/one that cannot be loaded +v3 is rolled back, v2 serves. MLflow says why: .*container/)
      expect(printed()).toMatch(
        /one that answers no numbers +v4 is rolled back, v2 serves. MLflow says why: smoke test: /,
      )
      expect(printed()).toMatch(/landfall rollback flights-delay +version 1 serves again/)
      expect(await answers(endpointIn(printed())!)).toBe(false)
      expect(await readdir(scratch)).toEqual([])
    },
    SLOW,
  )

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'an end by %s in the middle leaves no process and no file',
    async (signal) => {
      const { child, printed } = start()
      const endpoint = await eventually(() => endpointIn(printed()))
      expect(await answers(endpoint)).toBe(true)
      expect(await announced()).toBe(endpoint)
      const over = ended(child)
      child.kill(signal)
      await over
      await eventually(async () => ((await answers(endpoint)) ? undefined : true))
      await eventually(async () => ((await readdir(scratch)).length === 0 ? true : undefined))
      if (signal !== 'SIGKILL') expect(await announced()).toBeUndefined()
    },
    SLOW,
  )
})
