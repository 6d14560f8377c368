import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod/mini'
import { type StandIns, standInOf } from '../src/lake/stand-ins.ts'
import type { Lake } from '../src/lake/lake.ts'

/** As much of a deployed lake.json as is wanted, whatever else its version of Landfall wrote there. */
const deployedLake = z.object({
  name: z.string(),
  registries: z.optional(z.record(z.string(), z.object({ host: z.string() }))),
})

/**
 * The lake with its registries where their stand-ins are: as whoever runs the emulator says or, of one that says nothing, in the
 * lake as it was deployed from this checkout, or from the folder of its lake.yml.
 */
export function withStandIns(lake: Lake, file: string, announced: StandIns): Lake {
  const deployed = [dirname(file), '.']
    .map((folder) => join(folder, '.landfall', lake.stage, 'lake.json'))
    .filter((path) => existsSync(path))
    .map((path) => deployedLake.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data)
    .find((found) => found?.name === lake.name)
  const registries = Object.entries(lake.registries).map(([name, settings]) => {
    const host = standInOf(settings.kind, announced) ?? deployed?.registries?.[name]?.host
    return [name, host === undefined ? settings : { ...settings, host }] as const
  })
  return { ...lake, registries: Object.fromEntries(registries) }
}
