import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
const LOCK = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } }

/** A checkout whose npm packages are there, and a PATH that has only what a test puts on it. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-test-'))
  for (const name of ['bin', 'scripts', 'node_modules/node/bin']) mkdirSync(join(folder, name), { recursive: true })
  cpSync(join(ROOT, 'scripts/bootstrap.js'), join(folder, 'scripts/bootstrap.js'))
  write('package.json', '{"type":"module"}')
  write('package-lock.json', JSON.stringify(LOCK))
  write('node_modules/.package-lock.json', JSON.stringify(LOCK))
  write('requirements.txt', 'a==1\n')
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o755 })
}

/** A Python that says `version`, and that can make a .venv whose pip fails while there is a file `broken`. */
function python(version: string, canMakeVenv = true): void {
  write(
    'bin/python3',
    `#!/bin/sh
    case "$2" in
      venv) /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
      pip) echo pip >> "${folder}/calls"; /bin/sleep 0.3; test ! -e "${folder}/broken" ;;
      *) echo ${version}; exit ${canMakeVenv ? 0 : 1} ;;
    esac`,
  )
}

const pipCalls = (): number =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').length / 4 : 0

async function bootstrap(): Promise<{ readonly status: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [join(folder, 'scripts/bootstrap.js')], { env: { PATH: join(folder, 'bin') } })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += `stdout: ${data.toString()}`))
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, said }
}

describe('set-up says in one line what the host lacks', () => {
  test('no Python', async () => {
    expect(await bootstrap()).toEqual({
      status: 1,
      said: 'landfall: Python 3.10 or newer is needed; there is no python3 on the PATH.\n',
    })
  })

  test('a Python that is too old', async () => {
    python('3.9')
    expect((await bootstrap()).said).toBe('landfall: Python 3.10 or newer is needed; python3 is 3.9.\n')
  })

  test('a Python without venv, as Debian ships it', async () => {
    python('3.11', false)
    expect((await bootstrap()).said).toMatch(/^landfall: python3 \(3.11\) cannot make.*apt install python3-venv.*\n$/)
  })

  test('no npm', async () => {
    write('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { integrity: 'sha512-b' } } }))
    expect((await bootstrap()).said).toMatch(/npm packages \(npm ci\): npm failed \(spawn npm ENOENT\)/)
  })
})

describe('set-up', () => {
  beforeEach(() => python('3.12'))

  test('what is there is not installed again, and nothing is said of it', async () => {
    expect((await bootstrap()).status).toBe(0)
    expect(await bootstrap()).toEqual({ status: 0, said: '' })
    expect(pipCalls()).toBe(1)
  })

  test('an install that broke off is not taken for done', async () => {
    write('broken', '')
    expect((await bootstrap()).status).toBe(1)
    rmSync(join(folder, 'broken'))
    expect((await bootstrap()).status).toBe(0)
    expect(pipCalls()).toBe(2)
  })

  test('other requirements are installed anew', async () => {
    await bootstrap()
    write('requirements.txt', 'a==2\n')
    await bootstrap()
    expect(pipCalls()).toBe(2)
  })

  test('of several at once one installs and the others wait for it', async () => {
    const all = await Promise.all([bootstrap(), bootstrap(), bootstrap()])
    expect(all.map(({ status }) => status)).toEqual([0, 0, 0])
    expect(pipCalls()).toBe(1)
  })

  test('the lock of a process that died stops nobody', async () => {
    mkdirSync(join(folder, '.landfall'))
    write('.landfall/bootstrap.lock', '999999999')
    expect((await bootstrap()).status).toBe(0)
  })
})
