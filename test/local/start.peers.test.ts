import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parts } from '../../local/demo/parts.ts'

const ROOT = join(import.meta.dirname, '../..')
const SLOW = 300_000

/** Where `npm start` puts its temporary files. None may be left. */
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

/** The result of `read`, once it is not undefined. */
async function eventually<Value>(read: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (;;) {
    const value = await read()
    if (value !== undefined) return value
    await sleep(50)
  }
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/health`).then(
    () => true,
    () => false,
  )
}

/** The emulator that `landfall --stage local` would use. */
async function savedEndpoint(): Promise<string | undefined> {
  const text = await readFile(join(ROOT, '.landfall/local/endpoint.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { endpoint: string }).endpoint
}

const endpointIn = (text: string): string | undefined => /AWS emulator +(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1]

describe('npm start', () => {
  test(
    '--list prints the parts and starts nothing; an unknown part is refused with the known ones',
    async () => {
      const list = start('--list')
      expect(await ended(list.child)).toBe(0)
      expect(
        list
          .printed()
          .trimEnd()
          .split('\n')
          .map((line) => line.split(' ')[0]),
      ).toEqual(parts.map(({ name }) => name))
      const unknown = start('--only', 'catalog,bogus')
      expect(await ended(unknown.child)).toBe(1)
      expect(unknown.printed()).toContain(`no part 'bogus'; its parts: ${parts.map(({ name }) => name).join(', ')}`)
      expect(await readdir(scratch)).toEqual([])
    },
    SLOW,
  )

  test(
    '--only catalog runs this part alone, without the systems that others need',
    async () => {
      const { child, printed } = start('--once', '--only', 'catalog')
      const status = await ended(child)
      expect({ status, printed: printed() }).toEqual({ status: 0, printed: expect.stringContaining('both agree') })
      expect(printed()).toContain('+ origin_state string')
      expect(printed()).toMatch(/the periodic sweep +created with 7 columns/)
      expect(printed()).not.toMatch(/stand-in|MLflow|background/)
      expect(await readdir(scratch)).toEqual([])
    },
    SLOW,
  )

  test(
    'all parts pass: tables equal their sources after losses, each burst is one run, bad versions are rolled back, nothing stays behind',
    async () => {
      const { child, printed } = start('--once')
      const status = await ended(child)
      expect({ status, printed: printed() }).toEqual({ status: 0, printed: expect.stringContaining('both agree') })
      expect(printed()).toContain('+ origin_state string')
      expect(printed()).toMatch(/small files compacted.*: unchanged/)
      expect(printed()).toMatch(/January: 31 files.*created with 6 columns; 31 partitions/)
      expect(printed()).toMatch(/one run, .* with exactly these files \(in its parameters\): 6,937 rows of 31 files/)
      expect(printed()).toMatch(/one run, .* with exactly these files \(in a manifest\): 13,063 rows of 59 files/)
      expect(printed()).toMatch(/uploads_clean +v0 +Glue: created with 7 columns/)
      expect(printed()).toMatch(/the periodic sweep +asks Databricks.*; 3 runs in all/)
      expect(printed()).toMatch(/19,889 flights, .* in silver\.uploads_clean: both agree/)
      expect(printed()).toMatch(/InvokeEndpoint .*: same as v2 itself/)
      expect(printed()).toMatch(/v3 cannot be loaded +v3 is rolled back, v2 serves. The reason, in MLflow: .*container/)
      expect(printed()).toMatch(
        /v4 answers no numbers +v4 is rolled back, v2 serves. The reason, in MLflow: smoke test: /,
      )
      expect(printed()).toMatch(/landfall rollback +flights-delay serves v1 again/)
      expect(await answers(endpointIn(printed())!)).toBe(false)
      expect(await readdir(scratch)).toEqual([])
    },
    SLOW,
  )

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    '%s in the middle leaves no process and no file',
    async (signal) => {
      const { child, printed } = start()
      const endpoint = await eventually(() => endpointIn(printed()))
      expect(await answers(endpoint)).toBe(true)
      expect(await savedEndpoint()).toBe(endpoint)
      const over = ended(child)
      child.kill(signal)
      await over
      await eventually(async () => ((await answers(endpoint)) ? undefined : true))
      await eventually(async () => ((await readdir(scratch)).length === 0 ? true : undefined))
      if (signal !== 'SIGKILL') expect(await savedEndpoint()).toBeUndefined()
    },
    SLOW,
  )
})
