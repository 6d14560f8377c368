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

export type TableFormat = 'delta' | (typeof fileFormats)[number]

export interface Table {
  readonly name: string
  readonly location: Location
  readonly format: TableFormat
  /** Hive-style partition columns of a table of files; a Delta table says its own. */
  readonly partitions: readonly string[]
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
