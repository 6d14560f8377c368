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
  'what is no command is answered with those there are: %s',
  async (name) => {
    const { code, err } = await landfall(name)
    expect(code).toBe(2)
    expect(err).toEqual([expect.stringContaining(`there is no command '${name}'. The commands are: check, table,`)])
  },
)

test.each([[[]], [['--help']], [['-h']], [['help']]])('who asks for help is helped: %j', async (args) => {
  expect(await landfall(...args)).toMatchObject({ code: 0, out: expect.stringContaining('  rollback '), err: [] })
})

test.each(['--help', '-h'])('a command that is asked for help does nothing else: %s', async (help) => {
  const found = await landfall('rollback', 'delay', help)
  expect(found).toMatchObject({ code: 0, out: expect.stringMatching(/^landfall rollback ENDPOINT/), err: [] })
})

test('a lake with a problem stops every command, which says where and of which key', async () => {
  const file = join(folder, 'lake.yml')
  writeFileSync(file, 'lake: flights\nbuckets: { lake: flights-lake, lake2: [] }\n')
  expect(await landfall('status', file, '--stage', 'prod')).toEqual({
    code: 1,
    out: '',
    err: [
      expect.stringMatching(/lake\.yml:2:39 {2}buckets\.lake2 {2}wrong type: expected/),
      `\n${file} has 1 problem; landfall check ${file} says more.`,
    ],
  })
})

test('who calls it wrongly is told what is wrong and how it is called, not a page', async () => {
  const { code, err } = await landfall('rollback', 'delay', '--to', '2', '--undo')
  expect(code).toBe(2)
  expect(err).toEqual([
    'landfall rollback: --to and --undo exclude each other',
    expect.stringMatching(/^\nlandfall rollback ENDPOINT .*\nlandfall rollback --help says more\.$/),
  ])
})

test('a lake without registries has no webhooks, and says so rather than nothing', async () => {
  const file = join(folder, 'bare.yml')
  writeFileSync(file, 'lake: flights\nbuckets: { lake: flights-lake }\n')
  const { code, err } = await landfall('webhooks', 'doctor', file, '--stage', 'prod')
  expect(code).toBe(2)
  expect(err[0]).toContain('the lake flights has no registries')
})

test.each(['nonsense', 'example.com', 'ftp://example.com'])(
  'no webhook is sent to what is no address: %s',
  async (url) => {
    const { code, err } = await landfall('webhooks', 'register', '--url', url)
    expect(code).toBe(2)
    expect(err[0]).toContain(
      `--url takes the address that webhooks are taken in at, as in https://example.com, not '${url}'`,
    )
  },
)
