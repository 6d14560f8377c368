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
  // What the terminal shows: of a line that was cleared, what came after.
  return String((stream as PassThrough).read())
    .split('\n')
    .map((line) => line.split('\u001B[K').at(-1)!)
    .slice(0, -1)
}

const long = 'one run, 3.9 s after the last file, of these alone (by its parameters): 6,937 rows of 31 files: committed'

test.each([60, 80, 100])(
  'on a terminal of %d columns no line is broken by it, nor leaves its column',
  async (columns) => {
    const lines = await printed(columns, long)
    expect(lines.length).toBeGreaterThan(1)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(Math.max(columns, 81))
    expect(lines[0]).toMatch(/^ {2}✓ clean-uploads {22}one run, /)
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {39}\S/)
    expect(lines.map((line) => line.slice(39)).join(' ')).toBe(`${long}  0 ms`)
  },
)

test('what fits, and what no terminal shows, is one line as it is', async () => {
  expect(await printed(100, 'v1    4 files')).toEqual([`  ✓ ${'clean-uploads'.padEnd(34)} v1    4 files  0 ms`])
  expect(await printed(undefined, long)).toEqual([`  ✓ ${'clean-uploads'.padEnd(34)} ${long}  0 ms`])
})
