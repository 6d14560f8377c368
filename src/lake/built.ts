/** What lake.yml may declare and this version does not carry out. Whoever builds one of them deletes its row. */
import type { Finding } from './problem.ts'
import { select, textOf, type Found, type MapNode } from './tree.ts'

interface Unbuilt {
  /** The table's key that declares it. */
  readonly key: string
  readonly what: string
  /** Only for tables of files. */
  readonly files?: true
}

const unbuilt: readonly Unbuilt[] = [
  { key: 'catalog', what: 'the catalog of a table of files', files: true },
  { key: 'load', what: 'load' },
  { key: 'rows', what: 'rows' },
  { key: 'archive', what: 'archive' },
]

const unbuiltSections = ['streams', 'models']

/** Whether this version carries out what `key` declares for a table of this format. */
export function isBuilt(key: string, format: string): boolean {
  return rowOf(key, format) === undefined
}

function rowOf(key: string, format: string): Unbuilt | undefined {
  return unbuilt.find((row) => row.key === key && !(row.files && format === 'delta'))
}

/** Warnings, one for each declaration that nothing carries out. */
export function notBuilt(root: MapNode): Finding[] {
  const keys = select(root, 'tables.*').flatMap((table) => {
    const format = textOf(select(table.node, 'format')[0]?.node) ?? ''
    return select(table.node, '*').flatMap((found) => {
      const row = rowOf(String(found.path[0]), format)
      return row === undefined ? [] : [warning({ ...found, path: [...table.path, ...found.path] }, row.what)]
    })
  })
  const sections = unbuiltSections.flatMap((section) =>
    select(root, `${section}.*`).map((found) => warning(found, section)),
  )
  return [...keys, ...sections]
}

function warning({ path, keyAt }: Found, what: string): Finding {
  const message = `nothing carries this out in this version yet (${what})`
  return { at: keyAt, path, expected: 'what this version carries out', found: what, message, severity: 'warning' }
}
