import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs, Milliseconds } from '../src/core/time.ts'
import type { Io } from './command.ts'

/** How often progress is printed without a terminal. */
const PRINT_EVERY: Milliseconds = 10_000

/** Shows what a command is doing: on a terminal in one line that changes, otherwise a line every ten seconds. */
export function progressOn(io: Io, now: () => EpochMs): (text: string) => void {
  let printed = now()
  return (text) => {
    if (io.live !== undefined) return io.live(text)
    if (now() - printed < PRINT_EVERY) return
    printed = now()
    io.err(text)
  }
}

/** What a command that waits needs. Tests bring their own clock. */
export interface Waiting {
  now(): EpochMs
  sleep(time: Milliseconds): Promise<void>
  /** Called at each poll. */
  progress(text: string): void
}

/** Waits in real time, and shows progress on `io`. */
export function waitingOn(io: Io): Waiting {
  return { now: Date.now, sleep: (time) => sleep(time), progress: progressOn(io, Date.now) }
}
