import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Lake } from '../lake/lake.ts'
import { parseLake } from '../lake/lake-json.ts'

/** The lake that a function was deployed with, from the file that the deploy put beside its code. */
export async function readLake({ codeRoot, lakeFile }: { codeRoot: string; lakeFile: string }): Promise<Lake> {
  const path = resolve(codeRoot, lakeFile)
  try {
    return parseLake(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new Error(`the deployed lake cannot be read from ${path}`, { cause })
  }
}
