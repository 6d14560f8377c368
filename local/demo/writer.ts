import { join } from 'node:path'
import type { EpochMs } from '../../src/core/time.ts'
import { childEnvironment, type Emulator } from '../cloud/emulator.ts'
import { startJsonProcess } from '../cloud/json-process.ts'

const DATA = join(import.meta.dirname, '../../node_modules/vega-datasets/data')

/** The table after a command, as its writer sees it. */
export interface Written {
  readonly version: number
  readonly committed: EpochMs
  readonly operation: string
  /** Live files. */
  readonly files: number
}

/** What a reader must find, computed from the source. */
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

export async function startWriter(emulator: Emulator, location: string): Promise<DeltaWriter> {
  const files = [join(DATA, 'flights-3m.parquet'), join(DATA, 'airports.csv')]
  const script = join(import.meta.dirname, 'writer.py')
  const { ask, close } = await startJsonProcess(script, [location, ...files], childEnvironment(emulator, process.env))
  return {
    write: async (command) => (await ask(command)) as Written,
    truth: async () => (await ask({ do: 'truth' })) as Truth,
    close,
  }
}
