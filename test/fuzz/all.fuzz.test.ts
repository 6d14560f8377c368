/**
 * Changed real files and bombs, for each parser that meets other people's bytes, in a process with the memory of its function:
 * docs/fuzzing.md. `FUZZ=n` sets how many inputs each parser gets, `FUZZ_SEED=n` which ones.
 */
import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { fuzzConfig } from './config.ts'
import { memoryOf } from './memory.ts'
import { loadParser, parserNames } from './parsers.ts'
import type { Report } from './report.ts'
import { exploded, fuzzed } from './watch.ts'

const { inputs, seed } = fuzzConfig()
// Before the tests: jest allows no imports between those that run at the same time.
const parsers = await Promise.all(parserNames.map(loadParser))
/** The table of docs/fuzzing.md. */
const FIGURES = join(import.meta.dirname, '../../.landfall/fuzz-figures.md')
const HOUR = 3_600_000

beforeAll(() => rmSync(FIGURES, { force: true }))

function note(name: string, memory: number, { inputs, seconds, megabytes, slowest, answers }: Report): void {
  const found = Object.entries(answers).map(([answer, count]) => `${answer} ${count}`)
  const cells = [
    name,
    inputs,
    seconds.toFixed(1),
    `${Math.round(megabytes)} of ${memory}`,
    Math.round(slowest.milliseconds),
  ]
  appendFileSync(FIGURES, `| ${[...cells, found.join(', ')].join(' | ')} |\n`)
}

test.concurrent.each(parsers)(
  '$name: changed files are answered in time, within the memory of the function',
  async ({ name, lambda, seeds, answers }) => {
    const report = await fuzzed({ name, lambda }, seed, inputs)
    note(name, memoryOf(lambda), report)
    expect(report.inputs).toBe(inputs)
    // Otherwise only one path of the parser was tried.
    if (inputs >= 10_000 && seeds.length < inputs)
      expect(Object.keys(report.answers).length).toBeGreaterThan(Math.min(1, answers.length - 1))
  },
  HOUR,
)

test.concurrent.each(parsers)(
  '$name: bombs are answered in time, within the memory of the function',
  async ({ name, lambda, bombs }) => {
    const report = await exploded({ name, lambda, bombs })
    note(`${name}, bombs`, memoryOf(lambda), report)
    expect(report.inputs).toBe(bombs.length)
  },
  HOUR,
)
