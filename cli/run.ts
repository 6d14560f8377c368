import { main } from './main.ts'

/** Erases the current line of the terminal. */
const CLEAR = '\r\u001B[K'

let isLive = false
const clear = (): string => {
  const before = isLive ? CLEAR : ''
  isLive = false
  return before
}

const live = (text: string): void => {
  process.stderr.write(`${CLEAR}${text.slice(0, process.stderr.columns - 1)}`)
  isLive = true
}

// As in `landfall events flights | head`: nobody reads on.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 2))

process.exitCode = await main(process.argv.slice(2), {
  out: (line) => {
    process.stderr.write(clear())
    process.stdout.write(`${line}\n`)
  },
  err: (line) => process.stderr.write(`${clear()}${line}\n`),
  live: process.stderr.isTTY ? live : undefined,
  width: process.stdout.columns ?? 100,
})
process.stderr.write(clear())
