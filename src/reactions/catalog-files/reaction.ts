import type { Table } from '../../lake/lake.ts'
import type { TableStore } from '../../tables/store.ts'
import type { Reaction } from '../../core/reaction.ts'
import { act } from '../../glue/act.ts'
import type { Glue } from '../../glue/ports.ts'
import { subjectTable } from '../../lake/subjects.ts'
import { decideFiles, type FilesAction, type FilesObserved } from './decide.ts'
import { type FilesPorts, observeFiles } from './observe.ts'

export interface CatalogFilesPorts {
  /** By their names in lake.yml. */
  readonly tables: Readonly<Record<string, Table>>
  /** Where a table's files are. */
  storeOf(table: Table): TableStore
  filesOf(table: Table): Pick<FilesPorts, 'log' | 'hasFiles'>
  readonly inflate: FilesPorts['inflate']
  readonly glue: Glue
}

/**
 * Keeps the Glue record and the partitions of a table of files equal to what its landing log and its files say. Apart from
 * the catalog of Delta tables since neither's function has use for the other's readers. docs/reactions/catalog.md.
 */
export function catalogFilesReaction(ports: CatalogFilesPorts): Reaction<FilesObserved, FilesAction> {
  return {
    name: 'catalog-files',
    async observe(wake, cursor) {
      const table = subjectTable(wake.subject, ports.tables)
      if (table?.catalog === undefined || table.format === 'delta') return undefined
      return observeFiles(table, wake, cursor, { ...ports, store: ports.storeOf(table), ...ports.filesOf(table) })
    },
    decide: decideFiles,
    act: (action) => act(action, ports.glue),
  }
}
