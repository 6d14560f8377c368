import * as z from 'zod'
import { drifts, projectionTypes } from '../lake/lake.ts'
import * as names from '../lake/names.ts'
import { count, text } from '../lake/schema-values.ts'
import { glueFault, gluePattern } from './names.ts'

const projection = z
  .strictObject({
    type: z.enum(projectionTypes).meta({ description: 'How the values are computed.' }),
    range: text('The first and the last value, of integer and date: 2020-01-01,NOW.', names.anyText).optional(),
    format: text('How a date is spelled, as a Java date format: yyyy-MM-dd.', names.anyText).optional(),
    values: z.array(text('A value.', names.anyText)).min(1).meta({ description: 'All values, of enum.' }).optional(),
    interval: count('The step from one value to the next.').optional(),
    unit: z
      .enum(['YEARS', 'MONTHS', 'WEEKS', 'DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLIS'])
      .meta({ description: "The step's unit, of date." })
      .optional(),
    digits: count('How many digits an integer has, with zeros in front.').optional(),
  })
  .meta({ description: 'A partition column, by the names that Athena has for it.' })

/** `catalog` of a table, which `catalog` and `catalog-files` share. */
export const catalogSchema = z
  .strictObject({
    database: text('The Glue database; made where it is missing.', glueFault, gluePattern),
    table: text("The table's name in Glue.", glueFault, gluePattern, {
      'x-default': "the table's name in lake.yml, with _ for -",
    }).optional(),
    drift: z
      .enum(drifts)
      .meta({
        description:
          'What becomes of files with other columns than the table. evolve: columns are added and types widened, never taken away. strict: they are refused. rescue: the columns stay, and what differs is noted.',
        'x-default': '`evolve`',
      })
      .optional(),
    projection: z
      .record(z.string(), projection)
      .meta({
        description: 'Partitions that Athena computes in place of registered ones, by partition column: each of them.',
      })
      .optional(),
  })
  .meta({ description: 'Keeps a record of the table in the Glue Data Catalog.' })
