import type { Glue } from '../../glue/ports.ts'
import type { Table } from '../../lake/lake.ts'
import type { TableLog } from '../../tables/log.ts'
import type { TableStore } from '../../tables/store.ts'

export interface CatalogFilesPorts {
  /** By their names in lake.yml. */
  readonly tables: Readonly<Record<string, Table>>
  logOf(table: Table): TableLog
  /** Where a table's files are. */
  storeOf(table: Table): TableStore
  /** Whether a folder has any live file. It is relative to the table's location and ends in a slash. */
  hasFiles(table: Table, folder: string): Promise<boolean>
  readonly inflate: Inflate
  readonly glue: Glue
}

/** Decompresses the beginning of a file up to a limit, by the ending of its name: `gz`, `zst`. `whole`: there is no more. */
export type Inflate = Readonly<
  Record<string, (head: Uint8Array, whole: boolean) => Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }>>
>
