import type { PartitionInput, PartitionValues, TableInput } from './ports.ts'

export type TableAction =
  | { readonly kind: 'create-database'; readonly database: string }
  | { readonly kind: 'create-table'; readonly database: string; readonly definition: TableInput }
  | {
      readonly kind: 'update-table'
      readonly database: string
      readonly definition: TableInput
      /** The update is lost, as a `conflict`, where the table has another version by now. */
      readonly versionId: string
    }

export type PartitionAction =
  | {
      readonly kind: 'create-partitions' | 'update-partitions'
      readonly database: string
      readonly table: string
      readonly partitions: readonly PartitionInput[]
    }
  | {
      readonly kind: 'delete-partitions'
      readonly database: string
      readonly table: string
      readonly partitions: readonly PartitionValues[]
    }

/** One write to the Glue Data Catalog. */
export type CatalogAction = TableAction | PartitionAction
