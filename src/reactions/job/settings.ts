import type * as z from 'zod'
import type { databricksSchema } from '../../databricks/schema.ts'
import { parseDuration } from '../../lake/duration.ts'
import type { JobSettings } from '../../lake/lake.ts'
import { parseSize } from '../../lake/size.ts'
import type { jobSchema } from './schema.ts'

/** The settings of a valid `job`, with the id that its name has under `databricks.jobs`. */
export function jobSettings(
  { name, quiet, files, bytes }: z.infer<typeof jobSchema>,
  databricks: z.infer<typeof databricksSchema> | undefined,
): JobSettings {
  return {
    name,
    id: databricks?.jobs?.[name]?.id ?? 0,
    quiet: quiet === undefined ? undefined : parseDuration(quiet),
    files,
    bytes: bytes === undefined ? undefined : parseSize(bytes),
  }
}
