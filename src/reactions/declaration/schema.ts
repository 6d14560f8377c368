/**
 * The schema of lake.yml, composed from the schemas of the lake and of the reactions: the meaning and the valid values of each
 * key. Validation, `schemas/lake.schema.json` and the reference in `docs/lake.md` are made from it. Checks across keys are in
 * `parts.ts`.
 */
import * as z from 'zod'
import { databricksSchema } from '../../databricks/schema.ts'
import { catalogSchema } from '../../glue/schema.ts'
import { fileFormats } from '../../lake/lake.ts'
import * as names from '../../lake/names.ts'
import { bucketSchema, keySchema, limitsSchema, partitionsSchema } from '../../lake/schema.ts'
import { location, named, text } from '../../lake/schema-values.ts'
import { registrySchema } from '../../registry/schema.ts'
import { announceAllSchema, announceTableSchema } from '../announce/schema.ts'
import { modelSchema } from '../deployment/schema.ts'
import { jobSchema } from '../job/schema.ts'
import { archive, load, rows, stream, warehouse } from './not-implemented-schema.ts'

const table = z
  .strictObject({
    location: location('Where the table is: s3://BUCKET/PREFIX, in a bucket that is declared under buckets.'),
    format: z
      .enum(['delta', ...fileFormats])
      .meta({ description: 'delta for a Delta table, otherwise the format of the files.' }),
    partitions: partitionsSchema.optional(),
    catalog: catalogSchema.optional(),
    announce: announceTableSchema.optional(),
    job: jobSchema.optional(),
    load: load.optional(),
    rows: rows.optional(),
    archive: z
      .array(archive)
      .min(1)
      .meta({ description: 'When to move cold files to which storage class.' })
      .optional(),
  })
  .meta({ description: 'A table: an S3 location with a format, and the reactions to its changes.' })

export const lakeSchema = z
  .strictObject({
    lake: text(
      "The lake's name. It is part of the name of every deployed resource.",
      names.deployNameFault,
      names.deployNamePattern,
    ),
    buckets: named('The S3 buckets. Locations refer to them as ${buckets.NAME}.', bucketSchema).optional(),
    tables: named("The tables. A table's name appears in status and logs.", table).optional(),
    announce: announceAllSchema.optional(),
    streams: named('Streams whose records are appended to Delta tables.', stream).optional(),
    models: named('Models that endpoints serve.', modelSchema).optional(),
    warehouses: named('The Redshift databases that load loads into.', warehouse).optional(),
    registries: named('The registries that models are registered in.', registrySchema).optional(),
    databricks: databricksSchema.optional(),
    kms: keySchema.optional(),
    limits: limitsSchema.optional(),
  })
  .meta({ title: 'lake.yml', description: 'A lake: what Landfall keeps in sync.' })

/** lake.yml as declared: valid, with its stage's overrides and placeholders resolved. */
export type Declared = z.infer<typeof lakeSchema>
