import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { bundleLimit } from '../../infra/bundle/limit.ts'
import { bundleOptions } from '../../infra/bundle/options.ts'
import { trimSchemas } from '../../infra/bundle/trim.ts'

const root = new URL('../../', import.meta.url).pathname
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landfall-bundle-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function bundle(entry: string): Promise<{ readonly text: string; readonly external: readonly string[] }> {
  const outfile = join(folder, 'bundle.mjs')
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: [entry],
    outfile,
    metafile: true,
    absWorkingDir: root,
  })
  const [output] = Object.values(metafile.outputs)
  return { text: await readFile(outfile, 'utf8'), external: output!.imports.map(({ path }) => path) }
}

describe('a bundle', () => {
  test.each(readdirSync(join(root, 'functions')).map((file) => file.replace(/\.ts$/, '')))(
    '%s: stays within its limit and needs only Node, not even the SDK of the runtime',
    async (name) => {
      const { text, external } = await bundle(`functions/${name}.ts`)
      expect(text.length).toBeLessThanOrEqual(bundleLimit(name) * 1000)
      expect(external.filter((path) => !path.startsWith('node:') && !builtins.has(path))).toEqual([])
    },
  )

  test('an error that our sources do not mention keeps its name, message and status; one that they mention keeps its class', async () => {
    const entry = join(folder, 'entry.ts')
    await writeFile(
      entry,
      `import { GlueClient, GetTableCommand, EntityNotFoundException } from '@aws-sdk/client-glue'
       import { HttpResponse } from '@smithy/core/protocols'
       export async function failWith(type) {
         const body = new TextEncoder().encode(JSON.stringify({ __type: type, Message: 'because' }))
         const requestHandler = { handle: async () => ({ response: new HttpResponse({ statusCode: 400, headers: {}, body }) }) }
         const client = new GlueClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, requestHandler })
         const error = await client.send(new GetTableCommand({ DatabaseName: 'd', Name: 't' })).catch((error) => error)
         return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode, fault: error.$fault, known: error instanceof EntityNotFoundException }
       }`,
    )
    const outfile = join(folder, 'errors.mjs')
    await build({ ...bundleOptions, entryPoints: [entry], outfile, nodePaths: [join(root, 'node_modules')] })
    const { failWith } = (await import(outfile)) as { failWith: (type: string) => Promise<object> }
    const common = { message: 'because', status: 400, fault: 'client' }
    expect(await failWith('EntityNotFoundException')).toEqual({
      ...common,
      name: 'EntityNotFoundException',
      known: true,
    })
    expect(await failWith('GlueEncryptionException')).toEqual({
      ...common,
      name: 'GlueEncryptionException',
      known: false,
    })
  })
})

const builtins = new Set([
  'buffer',
  'crypto',
  'events',
  'fs',
  'http',
  'https',
  'os',
  'path',
  'process',
  'stream',
  'url',
  'util',
  'zlib',
])

test("only keys of constant text and unused errors are rewritten in the SDK's schemas", () => {
  const source = [
    'const _h = "http";',
    'const n0 = f();',
    'export var A$ = [9, n0, { [_h]: 200, [n0]: 1, [_x]: 2 }];',
    'n0_registry.registerError(Kept$, Kept);',
    'n0_registry.registerError(Dropped$, Dropped);',
  ]
  expect(trimSchemas(source.join('\n'), new Set(['Kept'])).split('\n')).toEqual([
    source[0],
    source[1],
    'export var A$ = [9, n0, { "http": 200, [n0]: 1, [_x]: 2 }];',
    source[3],
    '',
  ])
})
