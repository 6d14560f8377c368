import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
const LOCK = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } }

/** A checkout with its npm packages installed, and a PATH that has only what a test puts on it. */
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

/** A Python of this `version` that can make a .venv, whose pip fails while the file `broken` exists. */
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

async function bootstrap(): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(folder, 'scripts/bootstrap.js')], { env: { PATH: join(folder, 'bin') } })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += `stdout: ${data.toString()}`))
  child.stderr.on('data', (data: Buffer) => (output += data.toString()))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output }
}

describe('set-up reports in one line what the host lacks', () => {
  test('no Python', async () => {
    expect(await bootstrap()).toEqual({
      status: 1,
      output: 'landfall: Python 3.10 or newer is needed; there is no python3 on the PATH.\n',
    })
  })

  test('a Python that is too old', async () => {
    python('3.9')
    expect((await bootstrap()).output).toBe('landfall: Python 3.10 or newer is needed; python3 is 3.9.\n')
  })

  test('a Python without venv, as Debian ships it', async () => {
    python('3.11', false)
    expect((await bootstrap()).output).toMatch(/^landfall: python3 \(3.11\) cannot make.*apt install python3-venv.*\n$/)
  })

  test('no npm', async () => {
    write('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { integrity: 'sha512-b' } } }))
    expect((await bootstrap()).output).toMatch(/npm packages \(npm ci\): npm failed \(spawn npm ENOENT\)/)
  })
})

describe('set-up', () => {
  beforeEach(() => python('3.12'))

  test('installs nothing twice, and then prints nothing', async () => {
    expect((await bootstrap()).status).toBe(0)
    expect(await bootstrap()).toEqual({ status: 0, output: '' })
    expect(pipCalls()).toBe(1)
  })

  test('repeats an install that failed half-way', async () => {
    write('broken', '')
    expect((await bootstrap()).status).toBe(1)
    rmSync(join(folder, 'broken'))
    expect((await bootstrap()).status).toBe(0)
    expect(pipCalls()).toBe(2)
  })

  test('installs again when the requirements change', async () => {
    await bootstrap()
    write('requirements.txt', 'a==2\n')
    await bootstrap()
    expect(pipCalls()).toBe(2)
  })

  test('installs in one of several processes while the others wait', async () => {
    const all = await Promise.all([bootstrap(), bootstrap(), bootstrap()])
    expect(all.map(({ status }) => status)).toEqual([0, 0, 0])
    expect(pipCalls()).toBe(1)
  })

  test('ignores the lock of a dead process', async () => {
    mkdirSync(join(folder, '.landfall'))
    write('.landfall/bootstrap.lock', '999999999')
    expect((await bootstrap()).status).toBe(0)
  })
})
