import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')

/** Everything that a file imports except types: by path from the root, or by package name. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export) (?!type )[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  return [...found]
    .map(([, from, bare, later]) => from ?? bare ?? later ?? '')
    .map((name) => (name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name))
}

/** The same with types, by path from the root. */
function everyImport(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g)].map(
    ([, from, later]) => relative(root, resolve(root, dirname(file), from ?? later ?? '')),
  )
}

function reach(files: readonly string[]): Map<string, string> {
  const via = new Map(files.map((file) => [file, file]))
  for (const [file] of via)
    if (file.endsWith('.ts')) for (const name of imports(file)) if (!via.has(name)) via.set(name, file)
  return via
}

const under = (folder: string, ending = '.ts') =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)

/** Code that decides or reads logs is pure, over ports. Code that does I/O is in folders of these names. */
const ADAPTERS = /\/(aws|node)\//
const core = [
  ...under('src/core'),
  ...under('src/lake'),
  ...under('src/tables'),
  ...['decide.ts', 'settings.ts', 'schema.ts', 'checks.ts', 'ports.ts'].flatMap((name) => under('src', `/${name}`)),
].filter((file) => !ADAPTERS.test(file))

describe('the core', () => {
  test('imports no SDK, no module of Node and nothing that does I/O, directly or indirectly', () => {
    const allowed =
      /^src\/(core|lake|tables|glue|databricks|registry|reactions|intake\/webhook)\/|^(zod|zod\/mini|yaml)(\/|$)/
    const found = [...reach(core)]
      .filter(([name]) => !allowed.test(name) || ADAPTERS.test(name))
      .map(([name, via]) => `${via} imports ${name}`)
    expect(found).toEqual([])
  })

  test('is checked by a search that finds packages, SDKs and modules of Node', () => {
    expect(reach(core).has('zod')).toBe(true)
    expect(reach(['functions/catalog.ts']).has('@aws-sdk/client-glue')).toBe(true)
    expect([...reach(['functions/catalog.ts']).keys()].some((name) => name.startsWith('node:'))).toBe(true)
  })
})

describe('imports go one way', () => {
  test.each([
    ['src', /^(functions|cli|infra|local|bench|scripts|test)\//],
    ['functions', /^(cli|infra|local|bench|scripts|test)\//],
  ])('nothing in %s/ imports a layer above it', (folder, above) => {
    const found = under(folder).flatMap((file) =>
      imports(file)
        .filter((name) => above.test(name))
        .map((name) => `${file} imports ${name}`),
    )
    expect(found).toEqual([])
  })

  test('no reaction imports another; what two of them need is outside of both', () => {
    const room = /^src\/reactions\/([^/]+)\//
    const found = under('src/reactions')
      .filter((file) => room.test(file) && !file.startsWith('src/reactions/declaration/'))
      .flatMap((file) => everyImport(file).map((name) => ({ file, name, other: room.exec(name)?.[1] })))
      .filter(({ file, other }) => other !== undefined && other !== room.exec(file)?.[1])
      .map(({ file, name }) => `${file} imports ${name}`)
    expect(found).toEqual([])
  })
})
