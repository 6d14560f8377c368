import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod/mini'
import type { Lake } from '../src/lake/lake.ts'
import { type StandIns, standInOf } from '../src/lake/stand-ins.ts'

/** The parts of a deployed lake.json that are read here, in a file of any version of Landfall. */
const lakeJson = z.object({
  name: z.string(),
  registries: z.optional(z.record(z.string(), z.object({ host: z.string() }))),
})

/**
 * The lake with its registries at the hosts of their stand-ins. `announced` comes from the process that runs the emulator.
 * Without it, the hosts are those of the lake as it was deployed from this checkout, or from the folder of its lake.yml.
 */
export function withStandIns(lake: Lake, file: string, announced: StandIns): Lake {
  const deployed = [dirname(file), '.']
    .map((folder) => join(folder, '.landfall', lake.stage, 'lake.json'))
    .filter((path) => existsSync(path))
    .map((path) => lakeJson.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data)
    .find((found) => found?.name === lake.name)
  const registries = Object.entries(lake.registries).map(([name, settings]) => {
    const host = standInOf(settings.kind, announced) ?? deployed?.registries?.[name]?.host
    return [name, host === undefined ? settings : { ...settings, host }] as const
  })
  return { ...lake, registries: Object.fromEntries(registries) }
}
