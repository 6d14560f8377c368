/** What lake.yml may declare and this version does not carry out. Whoever builds one of them deletes its row. */
import type { Finding } from '../../lake/problem.ts'
import { select, type Found, type MapNode } from '../../lake/tree.ts'

interface NotImplemented {
  /** The table's key that declares it. */
  readonly key: string
  readonly what: string
}

const notImplementedKeys: readonly NotImplemented[] = [
  { key: 'load', what: 'load' },
  { key: 'rows', what: 'rows' },
  { key: 'archive', what: 'archive' },
]

const notImplementedSections = ['streams']

/** Warnings, one for each declaration that nothing carries out. */
export function notImplemented(root: MapNode): Finding[] {
  const keys = select(root, 'tables.*').flatMap((table) => {
    return select(table.node, '*').flatMap((found) => {
      const row = notImplementedKeys.find(({ key }) => key === found.path[0])
      return row === undefined ? [] : [warning({ ...found, path: [...table.path, ...found.path] }, row.what)]
    })
  })
  const sections = notImplementedSections.flatMap((section) =>
    select(root, `${section}.*`).map((found) => warning(found, section)),
  )
  return [...keys, ...sections]
}

function warning({ path, keyAt }: Found, what: string): Finding {
  const message = `nothing carries this out in this version yet (${what})`
  return { at: keyAt, path, expected: 'what this version carries out', found: what, message, severity: 'warning' }
}
