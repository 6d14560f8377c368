import * as z from 'zod'
import * as names from '../../lake/names.ts'
import { count, duration, text } from '../../lake/schema-values.ts'
import { sizeFault, sizePattern } from '../../lake/size.ts'

/** `job` of a table. */
export const jobSchema = z
  .strictObject({
    name: text('The job, by its name under databricks.jobs.', names.anyText),
    quiet: duration('Start when no file has landed for this long.').optional(),
    files: count('Start when there are this many new files.').optional(),
    bytes: text('Start when there is this much new data, as in 500 MB.', sizeFault, sizePattern).optional(),
  })
  .meta({
    description:
      'Starts a Databricks job with the new files: at once, or as soon as one of quiet, files and bytes is reached.',
  })
