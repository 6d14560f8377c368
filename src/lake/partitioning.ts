/** From a table's declared `partitions` to its columns. */
import type { Table } from './lake.ts'
import { isPartitionType, patternColumns, withoutTypes } from './pattern.ts'

type Declared = readonly (string | { readonly name: string; readonly type: string })[] | { readonly pattern: string }

export function partitioningOf(
  declared: Declared = [],
): Pick<Table, 'partitions' | 'partitionTypes' | 'partitionPattern'> {
  const columns = 'pattern' in declared ? patternColumns(declared.pattern) : declared.map(partitionColumn)
  const typed = columns.flatMap(({ name, type }) =>
    type !== 'string' && isPartitionType(type) ? [[name, type] as const] : [],
  )
  return {
    partitions: columns.map(({ name }) => name),
    partitionTypes: typed.length > 0 ? Object.fromEntries(typed) : undefined,
    partitionPattern: 'pattern' in declared ? withoutTypes(declared.pattern) : undefined,
  }
}

function partitionColumn(column: string | { readonly name: string; readonly type: string }) {
  return typeof column === 'string' ? { name: column, type: 'string' } : column
}
