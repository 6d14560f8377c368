import { wrapped } from '../../cli/text.ts'

/** What `npm start` prints: a line a step with what came of it and how long it took, and a sign of life while it runs. */
export interface Screen {
  /** An empty line, then `text`. */
  section(text: string): void
  line(text?: string): void
  /** Runs `work`; its answer is what is said of the step. `note` says what it is at, on a terminal. */
  step(label: string, work: (note: (text: string) => void) => Promise<string>): Promise<void>
}

const LABEL = 34
/** Where what came of a step begins; and what is kept for how long it took. */
const MARGIN = '  ✓ '.length + LABEL + 1
const TIME = '  1 min 59 s'.length
/** Without a terminal, a step that takes longer says so this often, in ms. */
const SIGN_OF_LIFE = 10_000

export function screenOn(stream: NodeJS.WriteStream, clock: () => number): Screen {
  const terminal = stream.isTTY
  const colour = terminal && stream.hasColors()
  const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text)
  const write = (text: string): boolean => stream.write(text)

  /** What a terminal would break anywhere is broken between words, and stays in its column. */
  const fitted = (text: string): string => {
    const room = terminal ? Math.max(30, (stream.columns ?? 100) - MARGIN - TIME) : Infinity
    return text.length <= room ? text : wrapped(text, room, '', '').join(`\n${' '.repeat(MARGIN)}`)
  }

  async function step(label: string, work: (note: (text: string) => void) => Promise<string>): Promise<void> {
    const started = clock()
    const took = (): string => paint(2, duration(clock() - started))
    let noted = ''
    const show = (): void => {
      const text = `${row('…', label, noted)}  ${duration(clock() - started)}`.slice(0, (stream.columns ?? 100) - 1)
      write(terminal ? `\r\u001B[K${text}` : `${text}\n`)
    }
    const living = setInterval(show, terminal ? 200 : SIGN_OF_LIFE)
    try {
      if (terminal) show()
      const text = await work((note) => (noted = note))
      write(`${terminal ? '\r\u001B[K' : ''}${row(paint(32, '✓'), label, fitted(text))}  ${took()}\n`)
    } catch (error) {
      write(`${terminal ? '\r\u001B[K' : ''}${row(paint(31, '✗'), label, '')}  ${took()}\n`)
      throw error
    } finally {
      clearInterval(living)
    }
  }

  return {
    section: (text) => write(`\n${paint(1, text)}\n`),
    line: (text = '') => write(`${text}\n`),
    step,
  }
}

function row(mark: string, label: string, text: string): string {
  return `  ${mark} ${label.padEnd(LABEL)} ${text}`
}

/** `340 ms`, `2.1 s`, `1 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `508,239`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
