/** The parts of lake.yml that belong to no reaction: buckets, and a table's partitions. */
import * as z from 'zod'
import { partitionTypes } from './lake.ts'
import * as names from './names.ts'
import { patternFault, patternPattern } from './pattern.ts'
import { count, text } from './schema-values.ts'

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
        kms: text(
          "The ARN of the KMS key of the bucket's objects: Landfall creates the bucket with it, and lets the functions that use an existing bucket use its key.",
          names.keyFault,
          names.keyPattern,
          { 'x-default': '`kms` of the lake for a bucket that Landfall creates' },
        ).optional(),
      })
      .meta({ description: 'A bucket with more settings than its name.' }),
  ])
  .meta({ description: 'An S3 bucket: its name, or a map.' })

export const keySchema = text(
  'The ARN of a KMS key of yours for what Landfall stores: queues, ledger, bus, logs, environments of functions, and the buckets that it creates. Its key policy must allow that.',
  names.keyFault,
  names.keyPattern,
  { 'x-default': 'keys of AWS' },
)

export const limitsSchema = z
  .strictObject({
    webhook: count(
      'How many calls the function webhook handles at a time: as many concurrent executions of the account are reserved for it. AWS refuses this in a new account, which has only 10.',
    ).optional(),
  })
  .meta({ description: 'Limits on what strangers can make Landfall use.' })

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
