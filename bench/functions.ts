/**
 * Each function as it is deployed: the size of its bundle, and the time that Node takes to load it, which is part of a cold
 * start. The peer is an empty handler with the same SDK clients and commands and the same bundler settings, so that the ratio
 * shows the cost of Landfall's own code with logging, metrics and validation.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { bundleOptions } from '../infra/bundle/options.ts'
import { bundleLimit } from '../infra/bundle/limit.ts'
import { atMost, beside, type Figure, type Figures } from './figure.ts'

const ROOT = join(import.meta.dirname, '..')
const RUNS = 25
const TIMES = 1.2

export const figures: Figures = async (say) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-bench-'))
  try {
    const all: Figure[] = []
    for (const name of await functionNames()) {
      say(`${name}: ${RUNS} cold loads, and as many of its peer`)
      all.push(...(await figuresOf(name, folder)))
    }
    return all
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function functionNames(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'functions'))
  return files.map((file) => file.replace(/\.ts$/, '')).toSorted()
}

async function figuresOf(name: string, folder: string): Promise<Figure[]> {
  const ours = join(folder, `${name}.mjs`)
  const bare = join(folder, `${name}-bare.mjs`)
  const entry = join(folder, `${name}-bare.ts`)
  const { metafile } = await bundle(join(ROOT, 'functions', `${name}.ts`), ours)
  await writeFile(entry, bareHandler(metafile))
  await bundle(entry, bare)
  const [init, peer] = await loadTimes(ours, bare)
  const { size } = await stat(ours)
  return [
    atMost(`functions/${name}/size`, 'kB', size / 1000, bundleLimit(name)),
    beside(`functions/${name}/init`, 'ms', init, 'bare handler, same clients', peer, TIMES),
  ]
}

function bundle(entry: string, outfile: string): Promise<{ metafile: Metafile }> {
  const nodePaths = [join(ROOT, 'node_modules')]
  return build({ ...bundleOptions, entryPoints: [entry], outfile, nodePaths, metafile: true, absWorkingDir: ROOT })
}

/** Source that imports only the clients and commands of a bundle. */
function bareHandler({ outputs }: Metafile): string {
  const clients = new Map<string, string[]>()
  const [output] = Object.values(outputs)
  for (const [path, { bytesInOutput }] of Object.entries(output!.inputs)) {
    const [, client, name] =
      /@aws-sdk\/(client-[\w-]+)\/dist-es\/(?:commands\/)?(\w+(?:Command|Client))\.js$/.exec(path) ?? []
    if (client !== undefined && name !== undefined && bytesInOutput > 0)
      clients.set(client, [...(clients.get(client) ?? []), name])
  }
  const imports = [...clients].map(([client, names]) => `import { ${names.join(', ')} } from '@aws-sdk/${client}'`)
  return `${imports.join('\n')}\nexport const handler = async () => [${[...clients.values()].flat().join(', ')}]\n`
}

/** The best load times in ms, since other load only adds to them. Each load is in its own process, alternating. */
async function loadTimes(ours: string, bare: string): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let run = -1; run < RUNS; run++) {
    const pair = [await load(ours), await load(bare)] as const
    // The first load does not find the files in the page cache.
    if (run >= 0) for (const i of [0, 1] as const) times[i].push(pair[i])
  }
  return [Math.min(...times[0]), Math.min(...times[1])]
}

const run = promisify(execFile)

async function load(file: string): Promise<number> {
  const code = `const began = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - began)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code])
  return Number(stdout)
}
