import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { screenOn } from '../../../local/demo/screen.ts'

function terminal(columns: number | undefined) {
  const stream = new PassThrough()
  return Object.assign(stream, { isTTY: columns !== undefined, columns, hasColors: () => false }) as never
}

async function printed(columns: number | undefined, text: string): Promise<string[]> {
  const stream = terminal(columns)
  await screenOn(stream, () => 0).step('clean-uploads', () => Promise.resolve(text))
  // As on a terminal, only the text after the last clear of a line is visible.
  return String((stream as PassThrough).read())
    .split('\n')
    .map((line) => line.split('\u001B[K').at(-1)!)
    .slice(0, -1)
}

const long =
  'one run, 3.9 s after the last file, with exactly these files (in its parameters): 6,937 rows of 31 files: committed'
const INDENT = 33

test.each([60, 80, 100])(
  'on a terminal of %d columns long results are wrapped and stay in their column',
  async (columns) => {
    const lines = await printed(columns, long)
    expect(lines.length).toBeGreaterThan(1)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(Math.max(columns, INDENT + 30))
    expect(lines[0]).toMatch(/^ {2}✓ clean-uploads {16}one run, /)
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {33}\S/)
    const text = lines.map((line) => line.slice(INDENT)).join(' ')
    expect(text.replace(/ +0 ms$/, '')).toBe(long)
    expect(text).toMatch(/ 0 ms$/)
  },
)

test('short results, and all results without a terminal, are one line', async () => {
  expect(await printed(100, 'v1    4 files')).toEqual([`  ✓ ${'clean-uploads'.padEnd(28)} v1    4 files  0 ms`])
  expect(await printed(undefined, long)).toEqual([`  ✓ ${'clean-uploads'.padEnd(28)} ${long}  0 ms`])
})

test('a screen that is not live shows no progress, and then its result', async () => {
  let shown = ''
  const output = { write: (text: string) => void (shown += text), isLive: () => false }
  await screenOn(terminal(80), () => 0, output).step('job', () => Promise.resolve('done'))
  expect(shown).toBe(`\r\u001B[K  ✓ ${'job'.padEnd(28)} done  0 ms\n`)
})
