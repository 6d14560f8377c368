import { wrapped } from '../../cli/text.ts'
import type { EpochMs, Milliseconds } from '../../src/core/time.ts'
import type { Output } from './turns.ts'

/** What `npm start` prints: a line for each step with its result and its duration, and progress while it runs. */
export interface Screen {
  /** An empty line, then a heading. */
  section(text: string): void
  line(text?: string): void
  /** Runs `work` and prints what it answers. `note` changes the progress that a terminal shows. */
  step(label: string, work: (note: (text: string) => void) => Promise<string>): Promise<void>
}

const LABEL = 28
/** Column in which results begin. */
const MARGIN = '  ✓ '.length + LABEL + 1
/** How often a step that is still running says so where there is no terminal. */
const PROGRESS_EVERY: Milliseconds = 10_000

export function screenOn(stream: NodeJS.WriteStream, clock: () => EpochMs, output = directTo(stream)): Screen {
  const { isLive } = output
  const terminal = stream.isTTY
  const columns = (): number => stream.columns ?? 100
  const colour = terminal && stream.hasColors()
  const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text)
  const clearLine = terminal ? '\r\u001B[K' : ''

  /** A result and its duration, broken between words and kept in its column on a terminal. */
  const fitted = (text: string, took: string): string => {
    const room = terminal ? Math.max(30, columns() - MARGIN) : Infinity
    if (text.length + 2 + took.length <= room) return `${text}  ${paint(2, took)}`
    const lines = wrapped(text, room, '', '')
    const last = lines.pop() ?? ''
    if (last.length + 2 + took.length <= room) lines.push(`${last}  ${paint(2, took)}`)
    else lines.push(last, paint(2, took))
    return lines.join(`\n${' '.repeat(MARGIN)}`)
  }

  async function step(label: string, work: (note: (text: string) => void) => Promise<string>): Promise<void> {
    const started = clock()
    const took = (): string => duration(clock() - started)
    let noted = ''
    const showProgress = (): void => {
      if (!isLive()) return
      const text = `${row('…', label, noted)}  ${took()}`.slice(0, columns() - 1)
      output.write(terminal ? `${clearLine}${text}` : `${text}\n`)
    }
    const progress = setInterval(showProgress, terminal ? 200 : PROGRESS_EVERY)
    try {
      if (terminal) showProgress()
      const text = await work((note) => (noted = note))
      output.write(`${clearLine}${row(paint(32, '✓'), label, fitted(text, took()))}\n`)
    } catch (error) {
      output.write(`${clearLine}${row(paint(31, '✗'), label, paint(2, took()))}\n`)
      throw error
    } finally {
      clearInterval(progress)
    }
  }

  return {
    section: (text) => output.write(`\n${paint(1, text)}\n`),
    line: (text = '') => output.write(`${text}\n`),
    step,
  }
}

function directTo(stream: NodeJS.WriteStream): Output {
  return { write: (text) => void stream.write(text), isLive: () => true }
}

function row(mark: string, label: string, text: string): string {
  return `  ${mark} ${label.padEnd(LABEL)} ${text}`
}

/** `340 ms`, `2.1 s`, `1 min 5 s`. */
export function duration(ms: Milliseconds): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `508,239`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
