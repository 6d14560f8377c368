import type * as z from 'zod'
import type { databricksSchema } from '../../databricks/schema.ts'
import { parseDuration } from '../../lake/duration.ts'
import type { JobSettings } from '../../lake/lake.ts'
import { parseSize } from '../../lake/size.ts'
import type { jobSchema } from './schema.ts'

/** A table's `job` as it is declared, and found valid, with the id that its name has under `databricks.jobs`. */
export function jobSettings(
  { name, quiet, files, bytes }: z.infer<typeof jobSchema>,
  databricks: z.infer<typeof databricksSchema> | undefined,
): JobSettings {
  return {
    name,
    id: databricks?.jobs?.[name]?.id ?? 0,
    ...(quiet !== undefined && { quiet: parseDuration(quiet)! }),
    ...(files !== undefined && { files }),
    ...(bytes !== undefined && { bytes: parseSize(bytes)! }),
  }
}
