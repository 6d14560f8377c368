/** From `partitions` as a table declares them to its columns. */
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
    ...(typed.length > 0 && { partitionTypes: Object.fromEntries(typed) }),
    ...('pattern' in declared && { partitionPattern: withoutTypes(declared.pattern) }),
  }
}

function partitionColumn(column: string | { readonly name: string; readonly type: string }) {
  return typeof column === 'string' ? { name: column, type: 'string' } : column
}
