import { isInCatalog } from '../../glue/settings.ts'
import type { Reaction } from '../../core/reaction.ts'
import { act } from '../../glue/act.ts'
import type { CatalogAction } from '../../glue/actions.ts'
import { subjectTable } from '../../lake/subjects.ts'
import { decide, type ObservedFiles } from './decide.ts'
import { observe } from './observe.ts'
import type { CatalogFilesPorts } from './ports.ts'

/**
 * Keeps the Glue record and the partitions of a table of files equal to its landing log and its files. Delta tables have a
 * reaction of their own, so that neither function bundles the other's readers. docs/reactions/catalog-files.md.
 */
export function catalogFilesReaction(ports: CatalogFilesPorts): Reaction<ObservedFiles, CatalogAction> {
  return {
    name: 'catalog-files',
    async observe(wake, cursor) {
      const table = subjectTable(wake.subject, ports.tables)
      if (!isInCatalog(table) || table.format === 'delta') return undefined
      return observe(table, wake, cursor, ports)
    },
    decide,
    act: (action) => act(action, ports.glue),
  }
}
