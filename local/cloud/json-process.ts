import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PYTHON = join(import.meta.dirname, '../../.venv/bin/python')

/** A Python program that answers each line of JSON with a line of JSON, until it is closed. */
export interface JsonProcess {
  /** Its first line, printed once it is ready. */
  readonly ready: unknown
  /** Commands are processed one after the other. @throws Error with the program's error, or the end of its stderr */
  ask(command: object): Promise<unknown>
  close(): void
}

/** Starts `file`. One process takes all commands, since imports and data take seconds to load. */
export async function startJsonProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<JsonProcess> {
  const child = spawn(PYTHON, [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr = `${stderr}${data.toString()}`.slice(-5_000)))
  // The end of its stdout shows that it has ended.
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function answer(): Promise<unknown> {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${file} ended:\n${stderr.trim()}`)
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
