/**
 * Writes every file that is generated from a schema. With `--check` it writes nothing, lists the stale ones and exits with 1.
 * To add a file, add a row.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { lakeReference } from './lake-reference.ts'
import { eventSchemas } from './event-schemas.ts'
import { lakeJsonSchema } from '../src/reactions/declaration/json-schema.ts'
import { manifestJsonSchema } from './manifest-schema.ts'

interface Made {
  /** Relative to the repository's root. */
  readonly path: string
  /** The file's new content, given its current one. */
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

/** The paths of stale files. With `write` it updates them. */
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
