import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { CatalogSettings } from '../../src/glue/settings.ts'
import type { Milliseconds } from '../../src/core/time.ts'
import { childEnvironment, type Emulator } from '../cloud/emulator.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface QueryResult {
  /** The table's location, from the catalog. */
  readonly location: string
  /** The newest version in its log. */
  readonly version: number
  /** Names of the columns, from the catalog. */
  readonly columns: readonly string[]
  /** One for each statement. */
  readonly answers: readonly StatementResult[]
}

interface StatementResult {
  readonly rows: readonly Readonly<Record<string, string | number | null>>[]
  readonly ms: Milliseconds
}

/** Runs SQL on a table that is known only by its name in the catalog; see `query.py`. */
export async function query(
  emulator: Emulator,
  table: CatalogSettings,
  statements: readonly string[],
): Promise<QueryResult> {
  const args = [join(import.meta.dirname, 'query.py'), emulator.endpoint, table.database, table.table]
  const child = spawn(join(ROOT, '.venv/bin/python'), args, { env: childEnvironment(emulator, process.env) })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => output.push(data))
  child.stderr.on('data', (data: Buffer) => errors.push(data))
  child.stdin.end(statements.join(';'))
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (status !== 0) throw new Error(`the query failed:\n${Buffer.concat(errors).toString().trim()}`)
  return JSON.parse(Buffer.concat(output).toString()) as QueryResult
}
