import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'

const replacement = (name: string): string => fileURLToPath(new URL(`replacements/${name}.ts`, import.meta.url))

/** What a bundle has in place of a package that costs more than a Lambda function has use for. */
const replaced: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': replacement('credentials'),
  '@smithy/core/event-streams': replacement('event-streams'),
}

const replace: Plugin = {
  name: 'replace',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${Object.keys(replaced).join('|')})$`) }, ({ path }) => ({ path: replaced[path]! }))
  },
}

/**
 * The SDK describes every operation of a service in one module of plain arrays, whose objects have keys such as
 * `[_h]`. A computed key may have side effects, as far as esbuild can know, so it keeps them all. With the constant's
 * text in its place, what no command of ours refers to falls away.
 */
const shakeSchemas: Plugin = {
  name: 'shake-schemas',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk[\\/].*[\\/]dist-es[\\/].*[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: literalKeys(await readFile(path, 'utf8')),
    }))
  },
}

/** `{ [_h]: 1 }` becomes `{ "http": 1 }` where the source says `const _h = "http"`. */
export function literalKeys(source: string): string {
  const texts = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name!, text!]))
  return source.replaceAll(/\[(\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key))
}

/** esbuild's settings for one function: everything in one small ES module, the SDK too, so that its version is ours. */
export const bundleOptions = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // A dependency that is CommonJS may call `require` for a module of Node's own.
  banner: { js: "import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);" },
  plugins: [replace, shakeSchemas],
} satisfies BuildOptions
