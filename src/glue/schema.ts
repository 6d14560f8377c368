import * as z from 'zod'
import { drifts, projectionTypes } from './settings.ts'
import * as names from '../lake/names.ts'
import { count, text } from '../lake/schema-values.ts'
import { glueFault, gluePattern } from './names.ts'

const projection = z
  .strictObject({
    type: z.enum(projectionTypes).meta({ description: 'How Athena computes the values.' }),
    range: text('For integer and date: the first and the last value, as in 2020-01-01,NOW.', names.anyText).optional(),
    format: text('For date: a Java date format, as in yyyy-MM-dd.', names.anyText).optional(),
    values: z.array(text('A value.', names.anyText)).min(1).meta({ description: 'For enum: all values.' }).optional(),
    interval: count('The step from one value to the next.').optional(),
    unit: z
      .enum(['YEARS', 'MONTHS', 'WEEKS', 'DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLIS'])
      .meta({ description: 'For date: the unit of the step.' })
      .optional(),
    digits: count('For integer: the number of digits, with leading zeros.').optional(),
  })
  .meta({ description: "A partition column, in the terms of Athena's partition projection." })

/** `catalog` of a table, for the reactions `catalog` and `catalog-files`. */
export const catalogSchema = z
  .strictObject({
    database: text('The Glue database. Landfall creates it if it is missing.', glueFault, gluePattern),
    table: text("The table's name in Glue.", glueFault, gluePattern, {
      'x-default': "the table's name in lake.yml, with _ for -",
    }).optional(),
    drift: z
      .enum(drifts)
      .meta({
        description:
          'What happens to files whose columns differ from the table. evolve: columns are added and types widened; no column is removed. strict: the files are refused. rescue: the table keeps its columns, and the differences are recorded.',
        'x-default': '`evolve`',
      })
      .optional(),
    projection: z
      .record(z.string(), projection)
      .meta({
        description:
          'By partition column: how Athena computes the partitions, so that none are registered. All partition columns or none.',
      })
      .optional(),
  })
  .meta({ description: 'Keeps the table up to date in the Glue Data Catalog.' })
