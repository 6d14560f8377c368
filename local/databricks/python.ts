import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

export interface PythonRun {
  readonly file: string
  readonly args: readonly string[]
}

export type Executed =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-started'; readonly reason: string }

/** How much of each stream is kept: its end, in characters. */
const KEPT = 20_000

/** Runs a Python file to its end, or until `signal` kills it with all that it has started. */
export async function runPython(
  python: string,
  environment: NodeJS.ProcessEnv,
  { file, args }: PythonRun,
  signal: AbortSignal,
): Promise<Executed> {
  if (signal.aborted) return { kind: 'aborted' }
  if (!existsSync(file)) return { kind: 'not-started', reason: `Cannot read the python file ${file}` }
  // A group of its own, so that what it starts can be ended with it.
  const child = spawn(python, [file, ...args], {
    cwd: tmpdir(),
    env: { ...environment, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const kill = (): void => killGroup(child.pid)
  signal.addEventListener('abort', kill, { once: true })
  process.once('exit', kill)
  const [stdout, stderr] = [tail(child.stdout), tail(child.stderr)]
  try {
    const code = await new Promise<number | Error>((resolve) => {
      child.once('error', resolve).once('close', (status) => resolve(status ?? 137))
    })
    if (signal.aborted) return { kind: 'aborted' }
    if (typeof code !== 'number') return { kind: 'not-started', reason: code.message }
    return { kind: 'exited', code, stdout: stdout(), stderr: stderr() }
  } finally {
    signal.removeEventListener('abort', kill)
    process.off('exit', kill)
    // What it left behind ends with it, as on a cluster that is taken down.
    kill()
  }
}

function tail(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (data: string) => (text = (text + data).slice(-KEPT)))
  return () => text
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody left in the group.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
