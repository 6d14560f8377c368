import type { Io } from './command.ts'

/** Without a terminal, progress is told this often, in ms. */
const TOLD_EVERY = 10_000

/**
 * Tells what a command is at: on a terminal always, in one line that changes; elsewhere now and then, a line each.
 * `now` in ms.
 */
export function progressOn(io: Io, now: () => number): (text: string) => void {
  let told = now()
  return (text) => {
    if (io.live !== undefined) return io.live(text)
    if (now() - told < TOLD_EVERY) return
    told = now()
    io.err(text)
  }
}
