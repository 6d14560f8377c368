import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The SDK describes every operation and error of a service in one module of plain arrays. Two things in it keep esbuild
 * from dropping what no call of ours refers to, and both are put right here:
 *
 * - keys such as `[_h]`, which may have side effects as far as esbuild can know: the constant's text takes their place;
 * - the registration of every error of the service: those in `errors` stay. Of another the SDK makes the service's base
 *   exception with the same name, message and status, as it does for errors that are newer than itself.
 */
export function trimSchemas(source: string, errors: ReadonlySet<string>): string {
  const texts = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name!, text!]))
  return source
    .replaceAll(/\[(\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key))
    .replaceAll(/^n0_registry\.registerError\((\w+)\$, \1\);$/gm, (line, name: string) =>
      errors.has(name) ? line : '',
    )
}

/** Of a client's package.json the client itself wants the version only, for its user agent. */
export function trimPackage(source: string): string {
  const { name, version } = JSON.parse(source) as { name: string; version: string }
  return JSON.stringify({ name, version })
}

/** Everything in Landfall's own sources that could be the name of an error's class. */
export async function namedErrors(root: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const folder of ['src', 'functions'])
    for (const file of await readdir(join(root, folder), { recursive: true }))
      if (file.endsWith('.ts'))
        for (const [name] of (await readFile(join(root, folder, file), 'utf8')).matchAll(/\b[A-Z]\w+\b/g))
          names.add(name)
  return names
}
