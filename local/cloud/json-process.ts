import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python')

/** A Python program that takes a JSON command a line and answers it with a JSON line, until it is closed. */
export interface JsonProcess {
  /** What it said of itself once it was ready. */
  readonly ready: unknown
  /** Commands are done one after the other. @throws Error with what the program said of a failure, or as its last words */
  ask(command: object): Promise<unknown>
  close(): void
}

/** Starts `file`: one process for all commands, since imports and data take seconds to load. */
export async function startJsonProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<JsonProcess> {
  const child = spawn(PYTHON, [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (data: Buffer) => (complaints = `${complaints}${data.toString()}`.slice(-5_000)))
  // Its end is told by the answers' end.
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function answer(): Promise<unknown> {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${file} ended:\n${complaints.trim()}`)
    const parsed = JSON.parse(value) as { readonly error?: string }
    if (parsed.error !== undefined) throw new Error(`${file} failed: ${parsed.error}`)
    return parsed
  }

  let last: Promise<unknown> = answer()
  return {
    ready: await last,
    ask(command) {
      last = last
        .catch(() => undefined)
        .then(() => {
          child.stdin.write(`${JSON.stringify(command)}\n`)
          return answer()
        })
      return last
    },
    close: () => void child.kill(),
  }
}
