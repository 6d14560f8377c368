/**
 * The process in which one parser meets its inputs, with the heap of its Lambda function:
 *
 *   child.ts run PARSER FOLDER FROM TO SEED     random changes of real files, by their numbers
 *   child.ts make-bombs PARSER FOLDER           writes the parser's bombs
 *   child.ts bombs PARSER FOLDER FROM TO        those bombs
 *   child.ts input PARSER SEED INDEX FILE       writes one random input, and prints its place
 *   child.ts replay PARSER PLACE FILE           runs one input, and prints the answer
 *
 * Which input is running is written to FOLDER before it runs, so that the parent can name it after a crash.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { memoryOf } from './memory.ts'
import { makeInput } from './mutate.ts'
import type { Bomb, Parser } from './parser.ts'
import { loadParser } from './parsers.ts'
import { STATUS_FILE, type Failure, type Report, statusBytes } from './report.ts'
import { peakMemory } from '../world/peak-memory.ts'

const MIB = 1024 * 1024
/** Distinct failures that are reported; then the run ends. */
const MOST_FAILURES = 10

interface Input {
  readonly bytes: Uint8Array
  readonly place: string
  /** The answers that are right. */
  readonly answers: ReadonlySet<string>
}

interface Range {
  readonly from: number
  readonly to: number
}

async function runAll(
  parser: Parser,
  { from, to }: Range,
  folder: string,
  input: (index: number) => Input,
): Promise<Report> {
  const status = openSync(join(folder, STATUS_FILE), 'w')
  const most = memoryOf(parser.lambda)
  const failures = new Map<string, Failure>()
  const answers: Record<string, number> = {}
  const slowest = { milliseconds: 0, index: from }
  let [index, highest] = [from, 0]
  const began = performance.now()
  // Memory does not come down again, so each input after one that took too much would fail too.
  for (; index < to && failures.size < MOST_FAILURES && highest <= most; index += 1) {
    const one = input(index)
    const limit = 1000 * Math.max(1, one.bytes.length / MIB)
    writeSync(status, statusBytes({ index, since: Date.now(), limit }), 0, undefined, 0)
    const { answer, took, problem: wrong } = await runOne(parser, one, limit)
    if (answer !== undefined) answers[answer] = (answers[answer] ?? 0) + 1
    if (took > slowest.milliseconds) Object.assign(slowest, { milliseconds: took, index })
    // Asking costs as much as many an input. What takes much memory takes time, too.
    if (took > 5 || index % 64 === 63 || index === to - 1) highest = peakMemory()
    const tooMuch = `left the process at ${Math.round(highest)} MB, and the function has ${most} MB`
    const problem = wrong ?? (highest > most ? tooMuch : undefined)
    if (problem !== undefined && !failures.has(kindOf(problem)))
      failures.set(kindOf(problem), { index, problem, place: one.place, file: save(parser, index, one.bytes, folder) })
  }
  closeSync(status)
  return {
    inputs: index - from,
    seconds: (performance.now() - began) / 1000,
    megabytes: highest,
    slowest,
    answers,
    failures: [...failures.values()],
  }
}

let rejected: unknown
process.on('unhandledRejection', (error) => (rejected = error ?? new Error('a promise was rejected')))

interface Ran {
  /** None where it threw. */
  readonly answer?: string
  /** In ms. */
  readonly took: number
  readonly problem: string | undefined
}

async function runOne(parser: Parser, { bytes, place, answers: right }: Input, limit: number): Promise<Ran> {
  const started = performance.now()
  let answer: string | undefined
  let problem: string | undefined
  try {
    answer = await parser.run(bytes, place)
    if (!right.has(answer)) problem = `answered '${answer}', expected ${[...right].join(' or ')}`
  } catch (error) {
    problem = `threw ${summary(error)}`
  }
  const took = performance.now() - started
  // A rejection that nobody awaits is told only now.
  await setImmediate()
  if (rejected !== undefined) problem ??= `left a rejected promise behind: ${summary(rejected)}`
  rejected = undefined
  if (took > limit) problem ??= await lateness(parser, bytes, place, limit)
  return { ...(answer !== undefined && { answer }), took, problem }
}

/** Measured again, in time of the processor: a pause of the machine or of the garbage collector is not the input's fault. */
async function lateness(parser: Parser, bytes: Uint8Array, place: string, limit: number): Promise<string | undefined> {
  let best = Number.POSITIVE_INFINITY
  for (let again = 0; again < 2 && best > limit; again += 1) {
    const before = process.cpuUsage()
    await parser.run(bytes, place).catch(() => '')
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  if (best <= limit) return undefined
  return `took ${Math.round(best)} ms for ${bytes.length} bytes, expected at most ${Math.round(limit)} ms`
}

function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const own = frames.filter((line) => line.includes('/src/')).slice(0, 3)
  return [`${error.name}: ${error.message.slice(0, 300)}`, ...(own.length === 0 ? frames.slice(0, 3) : own)].join('\n')
}

/** The same fault with other numbers is one failure. */
const kindOf = (problem: string): string => {
  const [first = '', ...frames] = problem.split('\n')
  return frames.length > 0 ? frames.slice(0, 2).join() : first.replaceAll(/\d+/g, '#').slice(0, 80)
}

function save({ name }: Parser, index: number, bytes: Uint8Array, folder: string): string {
  const file = join(folder, `${name}-${index}.input`)
  writeFileSync(file, bytes)
  return file
}

function fuzz(parser: Parser, range: Range, folder: string, seed: number): Promise<Report> {
  const all = new Set(parser.answers)
  return runAll(parser, range, folder, (index) => {
    const made = makeInput(parser.seeds, parser.mutators ?? [], seed, index)
    return { bytes: made.bytes, place: made.seed.place, answers: made.changed ? all : new Set([made.seed.answer]) }
  })
}

const bombFile = (folder: string, index: number): string => join(folder, `bomb-${index}`)

function makeBombs(bombs: readonly Bomb[], folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [index, { make }] of bombs.entries()) writeFileSync(bombFile(folder, index), make())
}

function explode(parser: Parser, range: Range, folder: string): Promise<Report> {
  return runAll(parser, range, folder, (index) => {
    const { place, answers } = parser.bombs[index]!
    return { bytes: new Uint8Array(readFileSync(bombFile(folder, index))), place, answers: new Set(answers) }
  })
}

const [command, name = '', ...args] = process.argv.slice(2)
const parser = await loadParser(name)
const [first = '', second = '', third = '', fourth = ''] = args
const range = { from: Number(second), to: Number(third) }
if (command === 'run') console.log(JSON.stringify(await fuzz(parser, range, first, Number(fourth))))
else if (command === 'bombs') console.log(JSON.stringify(await explode(parser, range, first)))
else if (command === 'make-bombs') makeBombs(parser.bombs, first)
else if (command === 'input') {
  const { bytes, seed } = makeInput(parser.seeds, parser.mutators ?? [], Number(first), Number(second))
  writeFileSync(third, bytes)
  console.log(seed.place)
} else if (command === 'replay') console.log(await parser.run(new Uint8Array(readFileSync(second)), first))
else throw new Error(`no command '${command}': expected run, bombs, make-bombs, input or replay`)
