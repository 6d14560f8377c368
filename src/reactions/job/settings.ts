import type { Milliseconds } from '../../core/time.ts'
import type * as z from 'zod'
import type { databricksSchema } from '../../databricks/schema.ts'
import { parseDuration } from '../../lake/duration.ts'
import { parseSize } from '../../lake/size.ts'
import type { jobSchema } from './schema.ts'

/** The Databricks job that a table's new data starts: at once, or as soon as one of the three limits is reached. */
export interface JobSettings {
  readonly name: string
  /** The job's id in Databricks. */
  readonly id: number
  /** Start when no file has landed for this long. */
  readonly quiet?: Milliseconds
  readonly files?: number
  readonly bytes?: number
}

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
