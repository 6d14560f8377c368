/** Checks of a table's partitions. */
import { finding } from './issues.ts'
import { patternColumns } from './pattern.ts'
import type { Finding } from './problem.ts'
import { below, textOf, type Found } from './tree.ts'

/** A column may appear once, ignoring case. */
export function partitionFindings(table: Found): Finding[] {
  const columns = partitionColumns(table)
  const repeated = columns.filter(({ name }, index) => columns.findIndex((other) => same(other.name, name)) < index)
  return repeated.map(({ found }) =>
    finding('appears twice in the list', 'each item once', found, found.path, undefined),
  )
}

interface Column {
  readonly name: string
  readonly found: Found
}

/** The columns of a list, given as names or maps, or of a pattern. */
export function partitionColumns(table: Found): Column[] {
  const listed = below(table, 'partitions.*')
  return listed.flatMap((found) => {
    const text = textOf(found.node)
    if (found.path.at(-1) === 'pattern') return patternColumns(text ?? '').map(({ name }) => ({ name, found }))
    const [named] = below(found, 'name')
    const name = text ?? textOf(named?.node)
    return name === undefined ? [] : [{ name, found: named ?? found }]
  })
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
