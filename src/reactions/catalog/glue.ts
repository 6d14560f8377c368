/**
 * What the catalog reaction needs of the Glue Data Catalog. The adapter is in `src/clients/glue.ts`, the in-memory twin in
 * `test/twins/glue.ts`; one suite runs on both. Names and shapes are those of Glue's API ("TableInput", "StorageDescriptor",
 * "Column"); what Landfall does not own is carried through untouched, so it is not spelled out here.
 */
export interface Glue {
  /** The table as it stands; what is missing, when it is. One call, and a second one only where there is no table. */
  find(database: string, table: string): Promise<Found>
  /** `exists`: somebody made it first, which is as good. */
  createDatabase(name: string, description: string): Promise<'created' | 'exists'>
  createTable(database: string, definition: TableInput): Promise<'created' | 'conflict'>
  /**
   * Replaces the whole definition, and archives no version. `conflict`: it is no longer at `versionId`, or no longer there.
   *
   * @throws {Refused} when Glue says that the definition is invalid, as `createTable` does.
   */
  updateTable(database: string, definition: TableInput, versionId: string): Promise<'updated' | 'conflict'>
}

export type Found =
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
