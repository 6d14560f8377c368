import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The SDK describes every operation and error of a service in one module of plain arrays. Two things keep esbuild from
 * dropping the entries that we never use. This function fixes both:
 *
 * - Computed keys such as `[_h]`: for all esbuild knows they have side effects. They are replaced by the constant's text.
 * - The registration of every error class of the service. Only those in `errors` stay. For any other error the SDK throws the
 *   service's base exception with the same name, message and status, as it does for errors that are newer than the SDK.
 */
export function trimSchemas(source: string, errors: ReadonlySet<string>): string {
  const texts = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name!, text!]))
  return source
    .replaceAll(/\[(\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key))
    .replaceAll(/^n0_registry\.registerError\((\w+)\$, \1\);$/gm, (line, name: string) =>
      errors.has(name) ? line : '',
    )
}

/** A client reads only the version from its package.json, for its user agent. */
export function trimPackage(source: string): string {
  const { name, version } = JSON.parse(source) as { name: string; version: string }
  return JSON.stringify({ name, version })
}

/** Every word in Landfall's sources that could be the name of an error class. */
export async function namedErrors(root: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const folder of ['src', 'functions'])
    for (const file of await readdir(join(root, folder), { recursive: true }))
      if (file.endsWith('.ts'))
        for (const [name] of (await readFile(join(root, folder, file), 'utf8')).matchAll(/\b[A-Z]\w+\b/g))
          names.add(name)
  return names
}
