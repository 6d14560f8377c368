import { readFile } from 'node:fs/promises'
import type { Lake } from '../src/lake/lake.ts'
import { resolveLake } from '../src/lake/resolve.ts'
import type { Io } from './command.ts'

/** The lake of `file`, for one stage. `undefined` when it has problems, which are then printed. */
export async function loadLake(file: string | undefined, stage: string | undefined, io: Io): Promise<Lake | undefined> {
  const path = file ?? 'lake.yml'
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`cannot read ${path}`, { cause })
  })
  const resolved = resolveLake(text, path, stage)
  if ('lake' in resolved) return resolved.lake
  for (const { line, column, message } of resolved.problems) io.err(`${path}:${line}:${column}  ${message}`)
  io.err(`\n${path} has ${resolved.problems.length} problems; landfall check ${path} says more.`)
  return undefined
}
