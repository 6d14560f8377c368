/**
 * Runs `work` until it is done or the process is asked to end: by Ctrl-C, by a signal, or because its parent has ended. `signal`
 * is then aborted, and `work` cleans up in its `finally`.
 *
 * Exit codes: 0 done, 1 failed, 130 interrupted before it was done.
 */
export async function runUntilSignal(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const end = (): void => controller.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && end(), 1000)
  try {
    await work(controller.signal)
  } catch (error) {
    process.exitCode = controller.signal.aborted ? 130 : 1
    if (!controller.signal.aborted) report(name, error)
  } finally {
    clearInterval(watch)
  }
}

/** Resolves when `signal` is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function report(name: string, error: unknown): void {
  console.error(`\n${name}: ${error instanceof Error ? error.message : String(error)}`)
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
    console.error(`  because: ${cause.message}`)
}
