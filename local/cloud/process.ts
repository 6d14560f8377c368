import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a server that was just started answers `url` with 2xx. @throws Error where it ends first, or not `within` ms */
export async function waitUntilReady(child: ChildProcess, url: string, within: number): Promise<void> {
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

/** Signals a process that was started `detached`, with all that it started. Gone already is fine. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // Nobody left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
