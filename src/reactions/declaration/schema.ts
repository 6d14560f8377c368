/**
 * lake.yml, key by key: what each means and what may stand there, from what the lake itself and the reactions bring. From here
 * come the validation, `schemas/lake.schema.json` and the reference in `docs/lake.md`. What holds between keys is in the parts'
 * checks.
 */
import * as z from 'zod'
import { databricksSchema } from '../../databricks/schema.ts'
import { catalogSchema } from '../../glue/schema.ts'
import { fileFormats } from '../../lake/lake.ts'
import * as names from '../../lake/names.ts'
import { bucketSchema, partitionsSchema } from '../../lake/schema.ts'
import { location, named, text } from '../../lake/schema-values.ts'
import { registrySchema } from '../../registry/schema.ts'
import { announceAllSchema, announceTableSchema } from '../announce/schema.ts'
import { modelSchema } from '../deployment/schema.ts'
import { jobSchema } from '../job/schema.ts'
import { archive, load, rows, stream, warehouse } from './not-implemented-schema.ts'

const table = z
  .strictObject({
    location: location('Where the table lies: s3://BUCKET/PREFIX, in a bucket that is declared under buckets.'),
    format: z
      .enum(['delta', ...fileFormats])
      .meta({ description: 'The format: delta for a Delta table, otherwise that of the files.' }),
    partitions: partitionsSchema.optional(),
    catalog: catalogSchema.optional(),
    announce: announceTableSchema.optional(),
    job: jobSchema.optional(),
    load: load.optional(),
    rows: rows.optional(),
    archive: z.array(archive).min(1).meta({ description: 'What to do with cold files, step by step.' }).optional(),
  })
  .meta({ description: 'A table: an S3 location with a format, and what the lake does about it.' })

export const lakeSchema = z
  .strictObject({
    lake: text(
      "The lake's name; it is part of the name of everything that is deployed.",
      names.deployNameFault,
      names.deployNamePattern,
    ),
    buckets: named('The S3 buckets, by a name for use in locations: ${buckets.NAME}.', bucketSchema).optional(),
    tables: named("The tables. A table's name is also what status and logs call it.", table).optional(),
    announce: announceAllSchema.optional(),
    streams: named('Streams that become Delta tables.', stream).optional(),
    models: named('Models that endpoints serve.', modelSchema).optional(),
    warehouses: named('Where load loads to.', warehouse).optional(),
    registries: named('Where models are registered.', registrySchema).optional(),
    databricks: databricksSchema.optional(),
  })
  .meta({ title: 'lake.yml', description: 'A lake: what Landfall keeps in step.' })

/** lake.yml as it is declared: checked, its stage's overrides and placeholders resolved. */
export type Declared = z.infer<typeof lakeSchema>
