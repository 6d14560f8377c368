import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signalGroup } from '../cloud/process.ts'

export interface PythonRun {
  readonly file: string
  readonly args: readonly string[]
}

export type PythonResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-started'; readonly reason: string }

/** Characters that are kept of each stream: its end. */
const KEPT = 20_000
const LAUNCHER = join(import.meta.dirname, 'launch.py')

/** Runs a Python file to its end, or until `signal` or the end of this process kills it and what it has started. */
export async function runPython(
  python: string,
  environment: NodeJS.ProcessEnv,
  { file, args }: PythonRun,
  signal: AbortSignal,
): Promise<PythonResult> {
  if (signal.aborted) return { kind: 'aborted' }
  if (!existsSync(file)) return { kind: 'not-started', reason: `Cannot read the python file ${file}` }
  // In a process group of its own, so that what it starts ends with it. It ends when its pipe closes.
  const child = spawn(python, [LAUNCHER, file, ...args], {
    cwd: tmpdir(),
    env: { ...environment, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const kill = (): void => signalGroup(child, 'SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
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
    // Processes that it left behind end too, as on a cluster that is terminated.
    kill()
  }
}

function tail(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (data: string) => (text = (text + data).slice(-KEPT)))
  return () => text
}
