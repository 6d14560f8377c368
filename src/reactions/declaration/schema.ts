/**
 * lake.yml, key by key: what each means and what may stand there. Models and their
 * registries are in `model-schema.ts`, what holds between keys in `checks.ts`. From here come
 * the validation, `schemas/lake.schema.json` and the reference in `docs/lake.md`.
 */
import * as z from 'zod'
import { drifts, fileFormats, partitionTypes, projectionTypes } from '../../lake/lake.ts'
import { modelSchema, registrySchema } from '../deployment/schema.ts'
import * as names from '../../lake/names.ts'
import { patternFault, patternPattern } from '../../lake/pattern.ts'
import { count, duration, location, named, text } from '../../lake/schema-values.ts'
import { sizeFault, sizePattern } from '../../lake/size.ts'

const columns = (description: string): z.ZodArray<z.ZodString> =>
  z
    .array(text('A column.', names.columnFault, names.columnPattern))
    .min(1)
    .meta({ description })

const bucketName = text("The S3 bucket's name. Landfall makes the bucket.", names.bucketFault, names.bucketPattern)

const bucket = z
  .union([
    bucketName,
    z
      .strictObject({
        name: text("The S3 bucket's name.", names.bucketFault, names.bucketPattern),
        existing: z.boolean().default(false).meta({
          description:
            'The bucket is there already: Landfall switches its EventBridge notifications on and leaves the rest of it alone.',
        }),
      })
      .meta({ description: 'A bucket with more to say about it than its name.' }),
  ])
  .meta({ description: 'An S3 bucket: its name, or a map.' })

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

const catalog = z
  .strictObject({
    database: text('The Glue database; made where it is missing.', names.glueFault, names.gluePattern),
    table: text("The table's name in Glue.", names.glueFault, names.gluePattern, {
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

const job = z
  .strictObject({
    name: text('The job, by its name under databricks.jobs.', names.anyText),
    quiet: duration('Start once nothing has landed for this long.').optional(),
    files: count('Start once so many new files are there.').optional(),
    bytes: text('Start once so much new data is there, as in 500 MB.', sizeFault, sizePattern).optional(),
  })
  .meta({ description: 'Starts a Databricks job with what is new.' })

const load = z
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

const rows = z
  .strictObject({
    dynamodb: text('The DynamoDB table.', names.anyText),
    keys: columns("The columns that are the item's key."),
  })
  .meta({ description: 'Writes what is new, row by row, into DynamoDB.' })

const archive = z
  .strictObject({
    after: duration('How old a file is when it goes.'),
    to: z
      .enum(['STANDARD_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'])
      .meta({ description: 'The S3 storage class it goes to.' }),
  })
  .meta({ description: 'Moves cold files to a cheaper storage class.' })

const columnName = text('A partition column, as text.', names.columnFault, names.columnPattern)

const partitions = z
  .union([
    z
      .array(
        z.union([
          columnName,
          z
            .strictObject({
              name: text('The column.', names.columnFault, names.columnPattern),
              type: z.enum(partitionTypes).default('string').meta({ description: 'Its type.' }),
            })
            .meta({ description: 'A partition column that is no text.' }),
        ]),
      )
      .min(1),
    z
      .strictObject({
        pattern: text(
          'How folders that are not dt=2026-01-01/… spell the columns: {dt:date}/{hour:int}. A column without a type is text.',
          patternFault,
          patternPattern,
        ),
      })
      .meta({ description: 'A pattern.' }),
  ])
  .meta({
    description:
      'The partition columns of a table of files, in the order of its folders (dt=2026-01-01/…): a list, or a map with a pattern. A Delta table says its own.',
  })

const table = z
  .strictObject({
    location: location('Where the table lies: s3://BUCKET/PREFIX, in a bucket that is declared under buckets.'),
    format: z
      .enum(['delta', ...fileFormats])
      .meta({ description: 'The format: delta for a Delta table, otherwise that of the files.' }),
    partitions: partitions.optional(),
    catalog: catalog.optional(),
    job: job.optional(),
    load: load.optional(),
    rows: rows.optional(),
    archive: z.array(archive).min(1).meta({ description: 'What to do with cold files, step by step.' }).optional(),
  })
  .meta({ description: 'A table: an S3 location with a format, and what the lake does about it.' })

const stream = z
  .strictObject({
    kinesis: text('The Kinesis stream.', names.anyText),
    into: text('The Delta table that the records are appended to, by its name under tables.', names.anyText),
    schema: text('The JSON Schema of a record, as a file beside lake.yml.', names.anyText),
  })
  .meta({ description: 'A stream that becomes a Delta table.' })

const warehouse = z
  .strictObject({
    workgroup: text('The Redshift Serverless workgroup.', names.anyText),
    database: text('The database in it.', names.anyText),
  })
  .meta({ description: 'A Redshift to load into.' })

const databricks = z
  .strictObject({
    host: text('The address of the workspace.', names.urlFault, names.urlPattern),
    secret: text('The secret in Secrets Manager that holds its credentials.', names.anyText),
    jobs: named(
      'The jobs that tables start.',
      z.strictObject({ id: count("The job's id in Databricks.") }).meta({ description: 'A job.' }),
    ).optional(),
  })
  .meta({ description: 'The Databricks workspace.' })

export const lakeSchema = z
  .strictObject({
    lake: text(
      "The lake's name; it is part of the name of everything that is deployed.",
      names.deployNameFault,
      names.deployNamePattern,
    ),
    buckets: named('The S3 buckets, by a name for use in locations: ${buckets.NAME}.', bucket).optional(),
    tables: named("The tables. A table's name is also what status and logs call it.", table).optional(),
    streams: named('Streams that become Delta tables.', stream).optional(),
    models: named('Models that endpoints serve.', modelSchema).optional(),
    warehouses: named('Where load loads to.', warehouse).optional(),
    registries: named('Where models are registered.', registrySchema).optional(),
    databricks: databricks.optional(),
  })
  .meta({ title: 'lake.yml', description: 'A lake: what Landfall keeps in step.' })

/** lake.yml as it is declared: checked, its stage's overrides and placeholders resolved. */
export type Declared = z.infer<typeof lakeSchema>
