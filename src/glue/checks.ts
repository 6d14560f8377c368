/** The checks of `catalog` in lake.yml. */
import { finding } from '../lake/issues.ts'
import { fileFormats } from '../lake/lake.ts'
import type { Named, Part } from '../lake/part.ts'
import { partitionColumns } from '../lake/partition-checks.ts'
import type { Finding } from '../lake/problem.ts'
import { below, select, textOf, type Found } from '../lake/tree.ts'
import { glueNameOf } from './names.ts'

export const catalogPart: Part = {
  unique: [{ what: 'the Glue table', named: (root) => select(root, 'tables.*').flatMap(glueNames) }],
  checks: [(root) => select(root, 'tables.*').flatMap(catalogFindings)],
  describe: ({ catalog }) => catalog && `catalog ${catalog.database}.${catalog.table}`,
}

function glueNames({ path, node }: Found): Named[] {
  const [catalog] = select(node, 'catalog')
  const database = catalog && textOf(select(catalog.node, 'database')[0]?.node)
  if (catalog === undefined || database === undefined) return []
  const [given] = select(catalog.node, 'table')
  const table = given === undefined ? glueNameOf(String(path.at(-1))) : textOf(given.node)
  const at =
    given === undefined ? { ...catalog, path: [...path, 'catalog'] } : { ...given, path: [...path, 'catalog', 'table'] }
  return table === undefined ? [] : [{ ...at, name: `${database}.${table}` }]
}

function catalogFindings(table: Found): Finding[] {
  const format = textOf(select(table.node, 'format')[0]?.node)
  const [projection] = below(table, 'catalog.projection')
  return [
    ...(format === 'delta' ? forFilesOnly(table) : []),
    ...(projection === undefined || !fileFormats.some((each) => each === format)
      ? []
      : projected(projection, partitionColumns(table))),
  ]
}

/** The keys that each type of projection requires (Athena user guide, "Supported types for partition projection"). */
const needed: Readonly<Record<string, readonly string[]>> = {
  enum: ['values'],
  integer: ['range'],
  date: ['range', 'format'],
}

function forFilesOnly(table: Found): Finding[] {
  return ['catalog.drift', 'catalog.projection'].flatMap((key) => {
    const expected = `no ${key} on a Delta table: its log defines its columns and partitions`
    return below(table, key).map((found) => finding('not for Delta', expected, found, found.path, undefined))
  })
}

/** Athena projects all partition columns of a table, or none. */
function projected(projection: Found, columns: readonly { readonly name: string }[]): Finding[] {
  if (projection.node.kind !== 'map') return []
  const given = below(projection, '*')
  const names = columns.map(({ name }) => name)
  const unknown = given.filter(({ path }) => !names.includes(String(path.at(-1))))
  const missing = names.filter((name) => !given.some(({ path }) => path.at(-1) === name))
  return [
    ...unknown.map((each) => ({
      ...finding('not a partition column', names.join(', ') || 'a table with partitions', each, each.path, undefined),
      at: each.keyAt,
    })),
    ...missing.map((name) => {
      const expected = `the key ${name} too, since Athena projects all partition columns or none`
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
