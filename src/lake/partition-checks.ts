/** What has to hold between a table's partitions and its catalog settings. */
import { finding } from './issues.ts'
import { fileFormats } from './lake.ts'
import { patternColumns } from './pattern.ts'
import type { Finding } from './problem.ts'
import { below, select, textOf, type Found } from './tree.ts'

/** What each type of projection cannot do without (Athena user guide, "Supported types for partition projection"). */
const needed: Readonly<Record<string, readonly string[]>> = {
  enum: ['values'],
  integer: ['range'],
  date: ['range', 'format'],
}

export function fileTableFindings(table: Found): Finding[] {
  const format = textOf(select(table.node, 'format')[0]?.node)
  const columns = columnsOf(table)
  const [projection] = below(table, 'catalog.projection')
  const repeated = columns.filter(({ name }, index) => columns.findIndex((other) => same(other.name, name)) < index)
  return [
    ...repeated.map(({ found }) => finding('stands in the list twice', 'each once', found, found.path, undefined)),
    ...(format === 'delta' ? forFilesOnly(table) : []),
    ...(projection === undefined || !fileFormats.some((each) => each === format) ? [] : projected(projection, columns)),
  ]
}

interface Column {
  readonly name: string
  /** Where it stands. */
  readonly found: Found
}

/** Of the list, names and maps alike, or of the pattern. */
function columnsOf(table: Found): Column[] {
  const listed = below(table, 'partitions.*')
  return listed.flatMap((found) => {
    const text = textOf(found.node)
    if (found.path.at(-1) === 'pattern') return patternColumns(text ?? '').map(({ name }) => ({ name, found }))
    const [named] = below(found, 'name')
    const name = text ?? textOf(named?.node)
    return name === undefined ? [] : [{ name, found: named ?? found }]
  })
}

function forFilesOnly(table: Found): Finding[] {
  return ['catalog.drift', 'catalog.projection'].flatMap((key) => {
    const expected = `no ${key} on a Delta table, whose log says its columns and partitions`
    return below(table, key).map((found) => finding('not for Delta', expected, found, found.path, undefined))
  })
}

/** Athena computes all partition columns or none. */
function projected(projection: Found, columns: readonly Column[]): Finding[] {
  if (projection.node.kind !== 'map') return []
  const given = below(projection, '*')
  const names = columns.map(({ name }) => name)
  const strange = given.filter(({ path }) => !names.includes(String(path.at(-1))))
  const missing = names.filter((name) => !given.some(({ path }) => path.at(-1) === name))
  return [
    ...strange.map((each) => ({
      ...finding('not a partition column', names.join(', ') || 'a table with partitions', each, each.path, undefined),
      at: each.keyAt,
    })),
    ...missing.map((name) => {
      const expected = `the key ${name} too: Athena computes all partition columns, or none`
      return finding('missing key', expected, projection, [...projection.path, name], undefined)
    }),
    ...given.flatMap(lacking),
  ]
}

function lacking(column: Found): Finding[] {
  const [type] = select(column.node, 'type')
  return (needed[textOf(type?.node) ?? ''] ?? [])
    .filter((key) => select(column.node, key).length === 0)
    .map((key) =>
      finding('missing key', `${key}, which ${textOf(type?.node)} needs`, column, [...column.path, key], undefined),
    )
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
