import type { Databricks } from '../../databricks/ports.ts'
import type { Table } from '../../lake/lake.ts'
import type { TableLog } from '../../tables/log.ts'
import type { Manifest } from './parameters.ts'

export interface JobPorts {
  /** By their names in lake.yml. */
  readonly tables: Readonly<Record<string, Table>>
  logOf(table: Table): TableLog
  readonly databricks: Databricks
  /**
   * Writes a manifest where the table's job can read it, and returns its URI. A manifest of this name that exists already
   * stays: the job that was started with it may be reading it.
   */
  putManifest(table: Table, name: string, manifest: Manifest): Promise<string>
}
