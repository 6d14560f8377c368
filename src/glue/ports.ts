/**
 * The Glue Data Catalog, as far as the catalog reactions need it. The adapter is in `src/glue/aws/glue.ts`, the in-memory twin
 * in `test/glue/glue.twin.ts`; one suite runs on both. Names and shapes are those of Glue's API ("TableInput",
 * "StorageDescriptor", "Column"). Fields that Landfall does not own are passed through untouched and not declared here.
 */
export interface Glue {
  /** The table, or what is missing. One call, and a second one only where there is no table. */
  find(database: string, table: string): Promise<GlueLookup>
  /** `exists`: somebody else was first, which is as good. */
  createDatabase(name: string, description: string): Promise<'created' | 'exists'>
  createTable(database: string, definition: TableInput): Promise<'created' | 'conflict'>
  /**
   * Replaces the whole definition without archiving a version. `conflict`: the table has another version now, or is gone.
   *
   * @throws {Refused} when Glue rejects the definition as invalid, as `createTable` does.
   */
  updateTable(database: string, definition: TableInput, versionId: string): Promise<'updated' | 'conflict'>
  /**
   * At most {@link PARTITIONS_A_CALL}. One that exists already stays as it is. `conflict`: the table does not exist.
   *
   * @throws {Refused} when Glue rejects a partition as invalid, as `updatePartitions` does.
   */
  createPartitions(database: string, table: string, partitions: readonly PartitionInput[]): Promise<'done' | 'conflict'>
  /** Replaces at most {@link PARTITIONS_A_CALL}. `conflict`: the table or one of the partitions does not exist. */
  updatePartitions(database: string, table: string, partitions: readonly PartitionInput[]): Promise<'done' | 'conflict'>
  /** At most {@link DELETED_A_CALL}, by their values. One that does not exist counts as deleted. */
  deletePartitions(
    database: string,
    table: string,
    partitions: readonly PartitionValues[],
  ): Promise<'done' | 'conflict'>
  /** All partitions of a table, without their columns, in no order. None where the table does not exist. */
  partitions(database: string, table: string): AsyncIterable<FoundPartition>
}

/** Limits of BatchCreatePartition and BatchUpdatePartition, and of BatchDeletePartition (API reference). */
export const PARTITIONS_A_CALL = 100
export const DELETED_A_CALL = 25

/** In the order of the table's partition keys. */
export type PartitionValues = readonly string[]

/** The members of BatchCreatePartition's input that Landfall sets. */
export interface PartitionInput {
  readonly Values: PartitionValues
  readonly StorageDescriptor: StorageDescriptor
  readonly Parameters: Parameters
}

export interface FoundPartition {
  readonly values: PartitionValues
  readonly location: string
  readonly parameters: Parameters
}

export type GlueLookup =
  | { readonly kind: 'table'; readonly versionId: string; readonly definition: TableInput }
  | { readonly kind: 'no-table' }
  | { readonly kind: 'no-database' }

/** The input of UpdateTable: all of a table that is not read-only. */
export interface TableInput {
  readonly Name: string
  readonly Description?: string
  readonly TableType?: string
  readonly Parameters?: Parameters
  readonly PartitionKeys?: readonly Column[]
  readonly StorageDescriptor?: StorageDescriptor
  /** `Owner`, `Retention`, `LastAccessTime`, …: not Landfall's. */
  readonly [other: string]: unknown
}

export interface StorageDescriptor {
  readonly Columns?: readonly Column[]
  readonly Location?: string
  readonly InputFormat?: string
  readonly OutputFormat?: string
  readonly SerdeInfo?: SerdeInfo
  /** `BucketColumns`, `Parameters`, `AdditionalLocations`, …: not Landfall's. */
  readonly [other: string]: unknown
}

export interface SerdeInfo {
  readonly Name?: string
  readonly SerializationLibrary?: string
  readonly Parameters?: Parameters
}

export interface Column {
  readonly Name: string
  readonly Type?: string
  readonly Comment?: string
  readonly Parameters?: Parameters
}

export type Parameters = Readonly<Record<string, string>>
