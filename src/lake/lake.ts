/**
 * The lake as the rest of Landfall sees it: lake.yml read and checked, with placeholders and the stage's overrides resolved.
 * It leaves out what this version does not implement: `reactions/declaration/not-implemented.ts`.
 */
import type { RegistrySettings } from '../registry/settings.ts'
import type { Model } from '../reactions/deployment/settings.ts'
import type { DatabricksSettings } from '../databricks/settings.ts'
import type { JobSettings } from '../reactions/job/settings.ts'
import type { CatalogSettings } from '../glue/settings.ts'

export interface Lake {
  readonly name: string
  readonly stage: string
  /** By their name in lake.yml. */
  readonly buckets: Readonly<Record<string, Bucket>>
  /** By their name in lake.yml, which is also part of their subjects. */
  readonly tables: Readonly<Record<string, Table>>
  readonly databricks?: DatabricksSettings
  /** By their name in lake.yml. */
  readonly models: Readonly<Record<string, Model>>
  /** By their name in lake.yml, which is also part of the path of their webhooks. */
  readonly registries: Readonly<Record<string, RegistrySettings>>
  /** ARN of the user's KMS key for what Landfall stores; absent: keys of AWS. */
  readonly kms?: string
  /** Concurrent executions that are reserved for the function `webhook`; absent: none. */
  readonly limits?: { readonly webhook?: number }
}

export interface Bucket {
  /** The S3 bucket's name. */
  readonly name: string
  /** True: the bucket exists already, and Landfall only turns on its EventBridge notifications. False: Landfall creates it. */
  readonly existing: boolean
  /** ARN of the user's KMS key of its objects; absent: one of AWS. */
  readonly kms?: string
}

/** The formats of tables of files. */
export const fileFormats = ['parquet', 'json', 'csv', 'avro'] as const

export type FileFormat = (typeof fileFormats)[number]
type TableFormat = 'delta' | FileFormat

export interface Table {
  readonly name: string
  readonly location: Location
  readonly format: TableFormat
  /** The partition columns of a table of files, in the order of its folders. Empty for a Delta table: its log defines them. */
  readonly partitions: readonly string[]
  /** Types of the partition columns that are not strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** For folders that are not in Hive style: `{dt}/{hour}`. */
  readonly partitionPattern?: string
  readonly catalog?: CatalogSettings
  readonly job?: JobSettings
  /** True: a fact is published for each of its versions. */
  readonly announce?: boolean
}

export interface Location {
  readonly bucket: string
  /** No slash at either end; empty for a whole bucket. */
  readonly prefix: string
}

/** The types that a partition column may be declared as. */
export const partitionTypes = ['string', 'int', 'bigint', 'date'] as const
export type PartitionType = (typeof partitionTypes)[number]

/** `s3://bucket/prefix`, without a trailing slash. */
export function locationUri({ bucket, prefix }: Location): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

/** The beginning of every key in a location: `prefix/`, or empty for a whole bucket. */
export function keyPrefix({ prefix }: Pick<Location, 'prefix'>): string {
  return prefix === '' ? '' : `${prefix}/`
}
