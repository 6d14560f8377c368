import { main } from './main.ts'

/** Erases the current line of the terminal. */
const CLEAR = '\r\u001B[K'

let isLive = false
const clear = (): string => {
  const before = isLive ? CLEAR : ''
  isLive = false
  return before
}

process.exitCode = await main(process.argv.slice(2), {
  out: (line) => {
    process.stderr.write(clear())
    process.stdout.write(`${line}\n`)
  },
  err: (line) => process.stderr.write(`${clear()}${line}\n`),
  ...(process.stderr.isTTY && {
    live(text) {
      process.stderr.write(`${CLEAR}${text.slice(0, process.stderr.columns - 1)}`)
      isLive = true
    },
  }),
  width: process.stdout.columns ?? 100,
})
process.stderr.write(clear())
