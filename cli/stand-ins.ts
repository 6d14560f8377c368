import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseLake } from '../src/lake/lake-json.ts'
import type { Lake } from '../src/lake/lake.ts'

/**
 * The registries where `npm start` put their stand-ins: in the lake as it was deployed from this checkout, or from the folder of
 * its lake.yml.
 */
export function withStandIns(lake: Lake, file: string): Lake {
  const deployed = [dirname(file), '.']
    .map((folder) => join(folder, '.landfall', lake.stage, 'lake.json'))
    .filter((path) => existsSync(path))
    .map((path) => parseLake(readFileSync(path, 'utf8')))
    .find(({ name }) => name === lake.name)
  const hosts = Object.entries(lake.registries).map(([name, settings]) => {
    const host = deployed?.registries[name]?.host
    return [name, host === undefined ? settings : { ...settings, host }] as const
  })
  return { ...lake, registries: Object.fromEntries(hosts) }
}
