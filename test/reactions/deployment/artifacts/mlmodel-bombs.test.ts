import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import type { Answer } from './mlmodel-answers.ts'

interface Line {
  readonly name: string
  readonly answer: Answer
  readonly msPerMib: number
}

/** The others are YAML, and read. */
const REFUSED = [
  'opening brackets',
  'opening braces',
  'maps in maps, as JSON',
  'brackets behind a key',
  'lists in lists in one line',
  'question marks',
  'a double quote without end',
  'single quotes in quotes',
  'escapes',
  'quotes',
  'anchors of one value',
  'tabs',
  'a ladder of maps',
  'one word',
  'one key',
  'colons',
  'ends of line of an old Mac',
  'zeros',
  'documents',
  'bytes that are no UTF-8',
]

/** In MB, as Node's option: 16 MiB of text that is no ASCII take half of it. */
const HEAP = 64

async function run(mib: number, ...names: readonly string[]) {
  const file = join(import.meta.dirname, 'mlmodel-bombs.ts')
  const args = [`--max-old-space-size=${HEAP}`, '--no-warnings', file, String(mib), ...names]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const printed = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { lines: printed.slice(0, -1) as Line[], memory: (printed.at(-1) as { mib: number }).mib }
}

/** The slowest takes 0.1 s of a core alone. */
const tooSlow = (lines: readonly Line[]) => lines.filter(({ msPerMib }) => msPerMib > 1_000)

test('an MLmodel that is made to be dear is answered within a second per MiB', async () => {
  const { lines } = await run(1)
  expect(tooSlow(lines)).toEqual([])
  const refused = lines.filter(({ answer }) => 'refused' in answer).map(({ name }) => name)
  expect(refused).toEqual(REFUSED)
}, 120_000)

test('16 MiB need no more for each, and a small multiple of them as memory', async () => {
  const dear = ['short keys', 'anchors', 'a list of maps', 'different flavors', 'letters that are no ASCII']
  const { lines, memory } = await run(16, ...dear, 'one word', 'brackets behind a key', 'maps in maps, as JSON')
  expect(lines).toHaveLength(8)
  expect(tooSlow(lines)).toEqual([])
  // Of Node itself, with the file twice: of the 512 MB of the function, more than half is left.
  expect(memory).toBeLessThan(300)
}, 120_000)
