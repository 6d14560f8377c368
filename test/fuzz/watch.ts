/** Runs one parser in a process of its own, and watches it. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { heapOf } from './memory.ts'
import type { Parser } from './parser.ts'
import { type Failure, parseStatus, type Report, type Status, STATUS_FILE } from './report.ts'

const ROOT = join(import.meta.dirname, '../..')
const CHILD = join('test/fuzz/child.ts')
/** How often the child is looked at, in ms. */
const EVERY = 250
/** An answer is late after this many times its limit on the clock. The child itself measures in time of the processor. */
const PATIENCE = 15

/** A parser, and the function whose heap it gets. */
export interface Watched {
  readonly name: string
  readonly lambda: string
}

interface Ended {
  readonly output: string
  readonly errors: string
  /** Why it did not end well. */
  readonly problem?: string
}

/** Processes that inputs may end before the run is given up. */
const MOST_ENDED = 10

/** `inputs` random changes of the parser's real files. A failure's message says how to run its input again. */
export async function fuzzed(parser: Watched, seed: number, inputs: number): Promise<Report> {
  const folder = emptyFolder(`${parser.name}/random`)
  const run = (from: number) => ['run', parser.name, folder, String(from), String(inputs), String(seed)]
  return allOf(parser, inputs, folder, run, async (index) => {
    // The process did not live to save its input, so it is made again.
    const file = join(folder, `${parser.name}-${index}.input`)
    const made = await child(parser, ['input', parser.name, String(seed), String(index), file], emptyFolder('made'))
    return { file, place: made.output.trim() }
  })
}

/** The parser's bombs, one after the other. */
export async function exploded(parser: Watched & Pick<Parser, 'bombs'>): Promise<Report> {
  const folder = emptyFolder(`${parser.name}/bombs`)
  const made = await child(parser, ['make-bombs', parser.name, folder], emptyFolder('made'))
  if (made.problem !== undefined) throw new Error(`the bombs of ${parser.name} cannot be made: ${made.errors}`)
  const { bombs } = parser
  const run = (from: number) => ['bombs', parser.name, folder, String(from), String(bombs.length)]
  return allOf(parser, bombs.length, folder, run, async (index) => ({
    file: join(folder, `bomb-${index}`),
    place: bombs[index]?.place ?? '',
    name: bombs[index]?.name,
  }))
}

type Named = Failure & { readonly name?: string | undefined }

/**
 * Runs all inputs. A process that one of them ends is followed by another, from the next input on.
 *
 * @param about says more of the input that ended a process
 * @throws when any input failed, with all of them
 */
async function allOf(
  parser: Watched,
  inputs: number,
  folder: string,
  run: (from: number) => readonly string[],
  about: (index: number) => Promise<Pick<Named, 'file' | 'place' | 'name'>>,
): Promise<Report> {
  const failures: string[] = []
  let sum: Report = {
    inputs: 0,
    seconds: 0,
    megabytes: 0,
    slowest: { milliseconds: 0, index: 0 },
    answers: {},
    failures: [],
  }
  for (let processes = 0; sum.inputs < inputs && processes < MOST_ENDED; processes += 1) {
    const from = sum.inputs
    const ended = await child(parser, run(from), folder)
    if (ended.problem === undefined) {
      const report = JSON.parse(ended.output) as Report
      for (const each of report.failures) failures.push(failure(parser, { ...(await about(each.index)), ...each }))
      sum = added(sum, report)
    } else {
      const index = statusIn(folder)?.index ?? from
      failures.push(failure(parser, { index, problem: ended.problem, ...(await about(index)) }, ended.errors))
      sum = { ...sum, inputs: index + 1 }
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n\n'))
  return sum
}

function added(one: Report, other: Report): Report {
  const answers: Record<string, number> = { ...one.answers }
  for (const [answer, count] of Object.entries(other.answers)) answers[answer] = (answers[answer] ?? 0) + count
  return {
    inputs: one.inputs + other.inputs,
    seconds: one.seconds + other.seconds,
    megabytes: Math.max(one.megabytes, other.megabytes),
    slowest: other.slowest.milliseconds > one.slowest.milliseconds ? other.slowest : one.slowest,
    answers,
    failures: [],
  }
}

function emptyFolder(name: string): string {
  const folder = join(ROOT, '.landfall/fuzz', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** A failure, and the command that makes it again. */
function failure({ name: parser, lambda }: Watched, { index, name, problem, place, file }: Named, errors = ''): string {
  const about = name === undefined ? `input ${index}` : `'${name}'`
  const command = `node --max-old-space-size=${heapOf(lambda)} ${CHILD} replay ${parser} ${place} ${file}`
  return `${parser}, ${about} ${problem}\n  again: ${command}${errors === '' ? '' : `\n${errors}`}`
}

function statusIn(folder: string): Status | undefined {
  try {
    return parseStatus(readFileSync(join(folder, STATUS_FILE)))
  } catch {
    return undefined
  }
}

async function child({ lambda }: Watched, args: readonly string[], folder: string): Promise<Ended> {
  rmSync(join(folder, STATUS_FILE), { force: true })
  const heap = args[0] === 'make-bombs' ? [] : [`--max-old-space-size=${heapOf(lambda)}`]
  const started = spawn(process.execPath, ['--no-warnings', ...heap, CHILD, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let late: string | undefined
  const watchdog = setInterval(() => {
    const status = statusIn(folder)
    if (status === undefined || Date.now() - status.since < status.limit * PATIENCE) return
    late = `had no answer after ${Math.round((Date.now() - status.since) / 1000)} s, expected one in ${Math.round(status.limit / 1000)} s`
    started.kill('SIGKILL')
  }, EVERY)
  let [output, errors] = ['', '']
  started.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  started.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  let ended: string | undefined
  try {
    ended = await new Promise<string | undefined>((resolve, reject) => {
      started.once('error', reject)
      started.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : `ended the process (${signal ?? `exit ${code}`})`),
      )
    })
  } finally {
    clearInterval(watchdog)
  }
  const problem = late ?? ended
  return { output, errors: essence(errors), ...(problem !== undefined && { problem }) }
}

/** V8's last words are long; what matters is its first line. */
function essence(errors: string): string {
  return errors
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*\d+: 0x|^\[|Native stack|Last few GCs/.test(line))
    .slice(0, 10)
    .join('\n')
}
