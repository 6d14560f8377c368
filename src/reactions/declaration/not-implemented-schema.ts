/** What lake.yml may declare and this version does not carry out: `not-implemented.ts` warns of it. */
import * as z from 'zod'
import * as names from '../../lake/names.ts'
import { duration, text } from '../../lake/schema-values.ts'

const columns = (description: string): z.ZodArray<z.ZodString> =>
  z
    .array(text('A column.', names.columnFault, names.columnPattern))
    .min(1)
    .meta({ description })

export const load = z
  .strictObject({
    warehouse: text('Where to, by its name under warehouses.', names.anyText),
    target: text('The Redshift table, as schema.table.', names.anyText),
    mode: z
      .enum(['append', 'merge'])
      .default('append')
      .meta({ description: 'append: add the new rows. merge: replace the rows with equal keys.' }),
    keys: columns('What makes two rows the same one. Needed by mode merge.').optional(),
  })
  .meta({ description: 'Loads what is new into Redshift.' })

export const rows = z
  .strictObject({
    dynamodb: text('The DynamoDB table.', names.anyText),
    keys: columns("The columns that are the item's key."),
  })
  .meta({ description: 'Writes what is new, row by row, into DynamoDB.' })

export const archive = z
  .strictObject({
    after: duration('How old a file is when it goes.'),
    to: z
      .enum(['STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'])
      .meta({ description: 'The S3 storage class it goes to.' }),
  })
  .meta({ description: 'Moves cold files to a cheaper storage class.' })

export const stream = z
  .strictObject({
    kinesis: text('The Kinesis stream.', names.anyText),
    into: text('The Delta table that the records are appended to, by its name under tables.', names.anyText),
    schema: text('The JSON Schema of a record, as a file beside lake.yml.', names.anyText),
  })
  .meta({ description: 'A stream that becomes a Delta table.' })

export const warehouse = z
  .strictObject({
    workgroup: text('The Redshift Serverless workgroup.', names.anyText),
    database: text('The database in it.', names.anyText),
  })
  .meta({ description: 'A Redshift to load into.' })
