/**
 * What the catalog reaction needs of the Glue Data Catalog. The adapter is in `src/glue/aws/glue.ts`, the in-memory twin in
 * `test/glue/glue.twin.ts`; one suite runs on both. Names and shapes are those of Glue's API ("TableInput", "StorageDescriptor",
 * "Column"); what Landfall does not own is carried through untouched, so it is not spelled out here.
 */
export interface Glue {
  /** The table as it stands; what is missing, when it is. One call, and a second one only where there is no table. */
  find(database: string, table: string): Promise<GlueLookup>
  /** `exists`: somebody made it first, which is as good. */
  createDatabase(name: string, description: string): Promise<'created' | 'exists'>
  createTable(database: string, definition: TableInput): Promise<'created' | 'conflict'>
  /**
   * Replaces the whole definition, and archives no version. `conflict`: it is no longer at `versionId`, or no longer there.
   *
   * @throws {Refused} when Glue says that the definition is invalid, as `createTable` does.
   */
  updateTable(database: string, definition: TableInput, versionId: string): Promise<'updated' | 'conflict'>
  /**
   * At most {@link PARTITIONS_A_CALL}. One that is there already is left as it is. `conflict`: the table is not there.
   *
   * @throws {Refused} when Glue says that a partition is invalid, as `updatePartitions` does.
   */
  createPartitions(database: string, table: string, partitions: readonly PartitionInput[]): Promise<'done' | 'conflict'>
  /** At most {@link PARTITIONS_A_CALL}; replaces each. `conflict`: the table or one of them is not there. */
  updatePartitions(database: string, table: string, partitions: readonly PartitionInput[]): Promise<'done' | 'conflict'>
  /** At most {@link DELETED_A_CALL}, by their values. One that is not there is as good. */
  deletePartitions(
    database: string,
    table: string,
    partitions: readonly PartitionValues[],
  ): Promise<'done' | 'conflict'>
  /** All of a table's, without their columns, in no order. None where the table is not there. */
  partitions(database: string, table: string): AsyncIterable<FoundPartition>
}

/** Limits of BatchCreatePartition and BatchUpdatePartition, and of BatchDeletePartition (API reference). */
export const PARTITIONS_A_CALL = 100
export const DELETED_A_CALL = 25

/** In the order of the table's partition keys. */
export type PartitionValues = readonly string[]

/** What BatchCreatePartition takes, as far as it is Landfall's to say. */
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

/** What UpdateTable takes: all of a table that is not read-only. */
export interface TableInput {
  readonly Name: string
  readonly Description?: string
  readonly TableType?: string
  readonly Parameters?: Parameters
  readonly PartitionKeys?: readonly Column[]
  readonly StorageDescriptor?: StorageDescriptor
  /** `Owner`, `Retention`, `LastAccessTime`, …: other people's. */
  readonly [other: string]: unknown
}

export interface StorageDescriptor {
  readonly Columns?: readonly Column[]
  readonly Location?: string
  readonly InputFormat?: string
  readonly OutputFormat?: string
  readonly SerdeInfo?: SerdeInfo
  /** `BucketColumns`, `Parameters`, `AdditionalLocations`, …: other people's. */
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
