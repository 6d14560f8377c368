import type { Table } from '../../lake/lake.ts'
import type { Bus } from '../../core/bus.ts'
import type { VersionSource } from './versions.ts'

export interface AnnouncePorts {
  readonly lake: string
  /** By their names in lake.yml. */
  readonly tables: Readonly<Record<string, Table>>
  /** Where a table's versions are. */
  versionsOf(table: Table): VersionSource
  readonly bus: Bus
}
