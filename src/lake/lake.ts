/**
 * A lake as the rest of Landfall sees it: `lake.yml` read, checked, its references and its stage's overrides resolved. It
 * holds what this version carries out; the rest of what lake.yml may declare is in `built.ts`.
 */

export interface Lake {
  readonly name: string
  readonly stage: string
  /** By their name in lake.yml. */
  readonly buckets: Readonly<Record<string, Bucket>>
  /** By their name in lake.yml, which is also the subject's. */
  readonly tables: Readonly<Record<string, Table>>
  readonly databricks?: DatabricksSettings
}

export interface Bucket {
  /** The S3 bucket's name. */
  readonly name: string
  /** True: it is there already, and Landfall only switches its EventBridge notifications on. False: Landfall makes it. */
  readonly existing: boolean
}

/** The formats of tables of files. */
export const fileFormats = ['parquet', 'json', 'csv', 'avro'] as const

export type FileFormat = (typeof fileFormats)[number]
export type TableFormat = 'delta' | FileFormat

export interface Table {
  readonly name: string
  readonly location: Location
  readonly format: TableFormat
  /** The partition columns of a table of files, in the order of its folders; a Delta table says its own. */
  readonly partitions: readonly string[]
  /** Of the partition columns that are no strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** How folders that are not Hive's spell the partition columns: `{dt}/{hour}`. */
  readonly partitionPattern?: string
  readonly catalog?: CatalogSettings
  readonly job?: JobSettings
}

export interface Location {
  readonly bucket: string
  /** No slash at either end; empty for a whole bucket. */
  readonly prefix: string
}

/** Where the table's record in the Glue Data Catalog is. */
export interface CatalogSettings {
  readonly database: string
  /** The table's name in Glue: lower case. */
  readonly table: string
  /** What becomes of files whose columns are others than the table's. Of a table of files; absent: evolve. */
  readonly drift?: Drift
  /** Of a table of files whose partitions are computed rather than registered, by their column. */
  readonly projection?: Readonly<Record<string, Projection>>
}

/** The types that a partition column may be declared as. */
export const partitionTypes = ['string', 'int', 'bigint', 'date'] as const
export type PartitionType = (typeof partitionTypes)[number]

/**
 * - `evolve`: columns are added and types widened, never taken away.
 * - `strict`: such files are refused.
 * - `rescue`: the columns stay, and what is not among them is noted.
 */
export const drifts = ['evolve', 'strict', 'rescue'] as const
export type Drift = (typeof drifts)[number]

export const projectionTypes = ['enum', 'integer', 'date', 'injected'] as const

/** One column of Athena's partition projection, by its own names (Athena user guide, "Supported types for partition projection"). */
export interface Projection {
  readonly type: (typeof projectionTypes)[number]
  /** `2020-01-01,NOW`; of integer and date. */
  readonly range?: string
  /** A Java date format; of date. */
  readonly format?: string
  /** Of enum. */
  readonly values?: readonly string[]
  readonly interval?: number
  /** `DAYS`, …; of date. */
  readonly unit?: string
  /** How many digits an integer is padded to. */
  readonly digits?: number
}

/** The Databricks job that a table's new data starts. With none of the three limits it starts at once. */
export interface JobSettings {
  readonly name: string
  /** Databricks' id of it. */
  readonly id: number
  /** Start once nothing has landed for so long, in ms. */
  readonly quiet?: number
  readonly files?: number
  readonly bytes?: number
}

/** The Databricks workspace, and the secret in Secrets Manager with its credentials. */
export interface DatabricksSettings {
  /** `https://…`, without a slash at the end. */
  readonly host: string
  readonly secret: string
}

/** `s3://bucket/prefix`, without a slash at the end. */
export function locationUri(location: Location): string {
  return location.prefix === '' ? `s3://${location.bucket}` : `s3://${location.bucket}/${location.prefix}`
}
