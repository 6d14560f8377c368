import * as z from 'zod'
import * as names from '../../lake/names.ts'
import { count, duration, text } from '../../lake/schema-values.ts'
import { sizeFault, sizePattern } from '../../lake/size.ts'

/** `job` of a table. */
export const jobSchema = z
  .strictObject({
    name: text('The job, by its name under databricks.jobs.', names.anyText),
    quiet: duration('Start once nothing has landed for this long.').optional(),
    files: count('Start once so many new files are there.').optional(),
    bytes: text('Start once so much new data is there, as in 500 MB.', sizeFault, sizePattern).optional(),
  })
  .meta({ description: 'Starts a Databricks job with what is new.' })
