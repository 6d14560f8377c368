import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../../src/core/time.ts'

/** Waits until a server that was just started answers `url` with 2xx. @throws Error if it ends first, or takes too long */
export async function waitUntilReady(child: ChildProcess, url: string, within: Milliseconds): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  child.once('exit', (status, signal) => (failure = new Error(`it ended with ${signal ?? `exit code ${status}`}`)))
  const until = Date.now() + within
  while (Date.now() < until) {
    if (failure !== undefined) throw failure
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(50)
  }
  throw new Error(`it was not ready within ${within / 1000} s`)
}

/** Signals a process that was started `detached`, and all processes that it started. One that has ended is fine. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // The group is empty.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
