import type { Table } from '../lake/lake.ts'
import type * as z from 'zod'
import { glueNameOf } from './names.ts'
import type { catalogSchema } from './schema.ts'

/** Where the table's record in the Glue Data Catalog is. */
export interface CatalogSettings {
  readonly database: string
  /** The table's name in Glue: lower case. */
  readonly table: string
  /** What happens to files whose columns differ from the table's. For tables of files only. Absent: evolve. */
  readonly drift?: Drift
  /** By partition column. For tables of files whose partitions Athena computes, so that none are registered. */
  readonly projection?: Readonly<Record<string, Projection>>
}

/**
 * - `evolve`: columns are added and types widened; no column is removed.
 * - `strict`: such files are refused.
 * - `rescue`: the table keeps its columns, and the differences are recorded.
 */
export const drifts = ['evolve', 'strict', 'rescue'] as const
export type Drift = (typeof drifts)[number]

export const projectionTypes = ['enum', 'integer', 'date', 'injected'] as const

/** A column of Athena's partition projection, in Athena's terms (Athena user guide, "Supported types for partition projection"). */
export interface Projection {
  readonly type: (typeof projectionTypes)[number]
  /** For integer and date: `2020-01-01,NOW`. */
  readonly range?: string
  /** For date: a Java date format. */
  readonly format?: string
  /** For enum. */
  readonly values?: readonly string[]
  readonly interval?: number
  /** For date: `DAYS`, …. */
  readonly unit?: string
  /** For integer: how many digits it is padded to. */
  readonly digits?: number
}

/** The settings of a valid `catalog`. @param table the table's name in lake.yml */
export function catalogSettings(table: string, declared: z.infer<typeof catalogSchema>): CatalogSettings {
  return { ...declared, table: declared.table ?? glueNameOf(table) }
}

/** A table with a record in Glue. */
export type CatalogTable = Table & { readonly catalog: CatalogSettings }

export function isInCatalog(table: Table | undefined): table is CatalogTable {
  return table?.catalog !== undefined
}
