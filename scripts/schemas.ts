/**
 * Writes every file that is made from a schema: `scripts/schemas.ts` writes, `scripts/schemas.ts --check` exits 1 and names
 * those that are stale. To add one, add a row.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { lakeReference } from './lake-reference.ts'
import { eventSchemas } from './event-schemas.ts'
import { lakeJsonSchema } from '../src/reactions/declaration/json-schema.ts'
import { manifestJsonSchema } from './manifest-schema.ts'

interface Made {
  /** From the repository's root. */
  readonly path: string
  /** What the file should hold, given what it holds. */
  readonly make: (current: string) => string
}

const json = (path: string, schema: () => object): Made => ({
  path,
  make: () => `${JSON.stringify(schema(), undefined, 2)}\n`,
})

export const made: readonly Made[] = [
  json('schemas/lake.schema.json', lakeJsonSchema),
  json('schemas/job-manifest.schema.json', manifestJsonSchema),
  { path: 'docs/lake.md', make: lakeReference },
  ...Object.entries(eventSchemas).map(([name, schema]) => json(`schemas/events/${name}`, schema)),
]

/** The paths of the files that are not as they should be; with `write`, they then are. */
export async function update(write: boolean): Promise<string[]> {
  const stale: string[] = []
  for (const { path, make } of made) {
    const url = new URL(`../${path}`, import.meta.url)
    const current = await readFile(url, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const wanted = make(current)
    if (wanted === current) continue
    stale.push(path)
    if (write) await writeFile(url, wanted)
  }
  return stale
}

if (import.meta.main) {
  const check = process.argv.includes('--check')
  const stale = await update(!check)
  for (const path of stale) console.log(check ? `${path} is stale: run scripts/schemas.ts` : `wrote ${path}`)
  if (check && stale.length > 0) process.exitCode = 1
}
