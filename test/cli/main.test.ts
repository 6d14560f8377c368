import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { main } from '../../cli/main.ts'

const folder = mkdtempSync(join(tmpdir(), 'landfall-main-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function landfall(...args: string[]): Promise<{ code: number; out: string; err: string[] }> {
  const out: string[] = []
  const err: string[] = []
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), width: 100 })
  return { code, out: out.join('\n'), err }
}

test.each(['constructor', 'toString', '__proto__', 'statsu'])(
  'an unknown command is answered with the list of commands: %s',
  async (name) => {
    const { code, err } = await landfall(name)
    expect(code).toBe(2)
    expect(err).toEqual([
      `landfall: unknown command '${name}'`,
      expect.stringContaining('  The commands are check, table,'),
    ])
  },
)

test.each([[[]], [['--help']], [['-h']], [['help']]])('lists the commands for %j', async (args) => {
  expect(await landfall(...args)).toMatchObject({ code: 0, out: expect.stringContaining('  rollback '), err: [] })
})

test.each(['--help', '-h'])('%s prints the usage and does nothing else', async (help) => {
  const found = await landfall('rollback', 'delay', help)
  expect(found).toMatchObject({ code: 0, out: expect.stringMatching(/^landfall rollback ENDPOINT/), err: [] })
})

test('control characters in what is printed do not reach the terminal, and JSON keeps them', async () => {
  const file = join(folder, 'lake.yml')
  const name = 'a\u001b]52;c;eA==\u0007b\u009b2Jc'
  writeFileSync(file, `lake: ${JSON.stringify(name)} # \u001b[2J\n`)
  for (const args of [
    ['check', file],
    ['check', file, '--json'],
    ['table', 'a\u001b[2Jb', '--lake', file],
    ['\u009b2J'],
  ]) {
    const { out, err } = await landfall(...args)
    expect(`${out}${err.join('\n')}`).not.toMatch(/[^\P{Cc}\n]/u)
  }
  const { out } = await landfall('check', file, '--json')
  expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ found: `'${name}'` }))
})

test('a command on an invalid lake.yml stops with position and key of each problem', async () => {
  const file = join(folder, 'lake.yml')
  writeFileSync(file, 'lake: flights\nbuckets: { lake: flights-lake, lake2: [] }\n')
  expect(await landfall('status', file, '--stage', 'prod')).toEqual({
    code: 1,
    out: '',
    err: [
      expect.stringMatching(/lake\.yml:2:39 {2}buckets\.lake2 {2}wrong type: expected/),
      `\n${file} has 1 problem`,
      `  Show the lines: landfall check ${file}`,
    ],
  })
})

test('wrong usage is answered with the error and the synopsis, not the whole help', async () => {
  const { code, err } = await landfall('rollback', 'delay', '--to', '2', '--undo')
  expect(code).toBe(2)
  expect(err).toEqual([
    'landfall rollback: --to and --undo exclude each other',
    expect.stringMatching(/^\nUsage: landfall rollback ENDPOINT [^]*--json\]\nFor details: landfall rollback --help$/),
  ])
})

test('webhooks of a lake without registries are an error', async () => {
  const file = join(folder, 'bare.yml')
  writeFileSync(file, 'lake: flights\nbuckets: { lake: flights-lake }\n')
  const { code, err } = await landfall('webhooks', 'doctor', file, '--stage', 'prod')
  expect(code).toBe(2)
  expect(err[0]).toContain('lake flights has no registries')
})

test.each(['nonsense', 'example.com', 'ftp://example.com'])(
  '--url must be an http or https address: %s',
  async (url) => {
    const { code, err } = await landfall('webhooks', 'register', '--url', url)
    expect(code).toBe(2)
    expect(err[0]).toContain(
      `--url expects an address such as https://example.com, without user and query, found '${url}'`,
    )
  },
)
