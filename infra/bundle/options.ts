import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'
import { namedErrors, trimPackage, trimSchemas } from './trim.ts'

/** Packages and modules that a Lambda function does not need in full, with what bundles contain instead. */
const replaced: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': replacement('credentials'),
  '@aws-sdk/endpoint-cache': replacement('endpoint-cache'),
  '@smithy/core/event-streams': replacement('event-streams'),
  './SignatureV4MultiRegion': replacement('signer'),
  './Md5Js': replacement('hashes'),
  './Sha1Js': replacement('hashes'),
  './Sha256Js': replacement('hashes'),
}

function replacement(name: string): string {
  return fileURLToPath(new URL(`replacements/${name}.ts`, import.meta.url))
}

const replace: Plugin = {
  name: 'replace',
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(replaced).join('|')})$`)
    build.onResolve({ filter }, ({ path }) => ({ path: replaced[path]! }))
  },
}

/** Rewrites the SDK's clients so that esbuild can tree-shake them: see infra/bundle/trim.ts. */
const trim: Plugin = {
  name: 'trim',
  setup(build) {
    let errors: ReadonlySet<string> = new Set()
    build.onStart(async () => {
      errors = await namedErrors(fileURLToPath(new URL('../..', import.meta.url)))
    })
    build.onLoad(
      { filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ },
      async ({ path }) => ({
        contents: trimSchemas(await readFile(path, 'utf8'), errors),
      }),
    )
    build.onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => ({
      contents: trimPackage(await readFile(path, 'utf8')),
      loader: 'json',
    }))
  },
}

/** esbuild's settings for one function: everything in one small ES module, with the SDK, so that its version is pinned. */
export const bundleOptions = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // CommonJS dependencies may `require` built-in modules of Node.
  banner: {
    js: "import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);",
  },
  plugins: [replace, trim],
} satisfies BuildOptions
