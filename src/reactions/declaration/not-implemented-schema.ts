/** Keys that lake.yml may declare and that this version does not implement: `not-implemented.ts` warns about them. */
import * as z from 'zod'
import * as names from '../../lake/names.ts'
import { duration, text } from '../../lake/schema-values.ts'

/** The names of these resources. Rights will be granted on them, so no wildcards. */
const nameFault = (least: number, most: number) => (text: string) => {
  const expected = `${least} to ${most} letters, digits, hyphens, dots and underscores`
  return names.matches(text, `^[A-Za-z0-9_.-]{${least},${most}}$`, 'bad name', expected)
}

const columns = (description: string): z.ZodArray<z.ZodString> =>
  z
    .array(text('A column.', names.columnFault, names.columnPattern))
    .min(1)
    .meta({ description })

export const load = z
  .strictObject({
    warehouse: text('The warehouse to load into, by its name under warehouses.', names.anyText),
    target: text('The Redshift table, as schema.table.', names.anyText),
    mode: z
      .enum(['append', 'merge'])
      .default('append')
      .meta({ description: 'append: add the new rows. merge: replace the rows with equal keys.' }),
    keys: columns('The columns that identify a row. Required by mode merge.').optional(),
  })
  .meta({ description: 'Loads new data into Redshift.' })

export const rows = z
  .strictObject({
    dynamodb: text('The DynamoDB table.', nameFault(3, 255)),
    keys: columns("The columns of the item's key."),
  })
  .meta({ description: 'Writes new rows into DynamoDB.' })

export const archive = z
  .strictObject({
    after: duration('The age at which a file is moved.'),
    to: z
      .enum(['STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'])
      .meta({ description: 'The S3 storage class to move it to.' }),
  })
  .meta({ description: 'Moves cold files to a cheaper storage class.' })

export const stream = z
  .strictObject({
    kinesis: text('The Kinesis stream.', nameFault(1, 128)),
    into: text('The Delta table that the records are appended to, by its name under tables.', names.anyText),
    schema: text('The JSON Schema of a record: a file next to lake.yml.', names.anyText),
  })
  .meta({ description: 'A stream whose records are appended to a Delta table.' })

export const warehouse = z
  .strictObject({
    workgroup: text('The Redshift Serverless workgroup.', nameFault(3, 64)),
    database: text('The database in it.', names.anyText),
  })
  .meta({ description: 'A Redshift database to load into.' })
