import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { childEnvironment, type Emulator } from './emulator.ts'

const ROOT = join(import.meta.dirname, '..')
const DATA = join(ROOT, 'node_modules/vega-datasets/data')

/** What the table is after a command, by its writer. */
export interface Written {
  readonly version: number
  /** ms since the epoch. */
  readonly committed: number
  readonly operation: string
  /** Live files. */
  readonly files: number
}

/** What a reader must find, counted on the source. */
export interface Truth {
  readonly rows: number
  /** Sum of the column `delay`, in minutes. */
  readonly delay: number
}

export type WriterCommand =
  | { readonly do: 'append'; readonly month: string; readonly state?: boolean }
  | { readonly do: 'delete'; readonly below: number }
  | { readonly do: 'compact' }
  | { readonly do: 'describe'; readonly table: string; readonly column: string; readonly comment: string }

export interface DeltaWriter {
  write(command: WriterCommand): Promise<Written>
  truth(): Promise<Truth>
  close(): void
}

/** Starts `writer.py`: one process for all of the scenario, since its imports and the source take a second to load. */
export async function startWriter(emulator: Emulator, location: string): Promise<DeltaWriter> {
  const files = [join(DATA, 'flights-3m.parquet'), join(DATA, 'airports.csv')]
  const child = spawn(join(ROOT, '.venv/bin/python'), [join(import.meta.dirname, 'writer.py'), location, ...files], {
    env: childEnvironment(emulator, process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const complaints: Buffer[] = []
  child.stderr.on('data', (data: Buffer) => complaints.push(data))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function answer(): Promise<unknown> {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`the Delta writer ended:\n${Buffer.concat(complaints).toString().trim()}`)
    const parsed = JSON.parse(value) as { readonly error?: string }
    if (parsed.error !== undefined) throw new Error(`the Delta writer failed: ${parsed.error}`)
    return parsed
  }
  async function ask(command: object): Promise<unknown> {
    if (!child.stdin.write(`${JSON.stringify(command)}\n`)) await once(child.stdin, 'drain')
    return answer()
  }

  await answer()
  return {
    write: async (command) => (await ask(command)) as Written,
    truth: async () => (await ask({ do: 'truth' })) as Truth,
    close: () => child.kill(),
  }
}
