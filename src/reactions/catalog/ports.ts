import type { Glue } from '../../glue/ports.ts'
import type { Table } from '../../lake/lake.ts'
import type { TableStore } from '../../tables/store.ts'

export interface CatalogPorts {
  /** By their names in lake.yml. */
  readonly tables: Readonly<Record<string, Table>>
  /** Where a table's log is. */
  storeOf(table: Table): TableStore
  readonly glue: Glue
}
