/** The parts of lake.yml that belong to no reaction: buckets, and a table's partitions. */
import * as z from 'zod'
import { partitionTypes } from './lake.ts'
import * as names from './names.ts'
import { patternFault, patternPattern } from './pattern.ts'
import { text } from './schema-values.ts'

const bucketName = text("The S3 bucket's name. Landfall creates the bucket.", names.bucketFault, names.bucketPattern)

export const bucketSchema = z
  .union([
    bucketName,
    z
      .strictObject({
        name: text("The S3 bucket's name.", names.bucketFault, names.bucketPattern),
        existing: z.boolean().default(false).meta({
          description:
            'true: the bucket exists already. Landfall only turns on its EventBridge notifications and changes nothing else.',
        }),
      })
      .meta({ description: 'A bucket with more settings than its name.' }),
  ])
  .meta({ description: 'An S3 bucket: its name, or a map.' })

const columnName = text('A partition column, as text.', names.columnFault, names.columnPattern)

export const partitionsSchema = z
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
            .meta({ description: 'A partition column with its type.' }),
        ]),
      )
      .min(1),
    z
      .strictObject({
        pattern: text(
          'For folders that do not look like dt=2026-01-01/…: where the columns are, as in {dt:date}/{hour:int}. A column without a type is text.',
          patternFault,
          patternPattern,
        ),
      })
      .meta({ description: 'A pattern.' }),
  ])
  .meta({
    description:
      'The partition columns of a table of files, in the order of its folders (dt=2026-01-01/…): a list, or a map with a pattern. Not for Delta tables: their log defines them.',
  })
