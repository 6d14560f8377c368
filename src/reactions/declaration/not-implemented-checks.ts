/** Checks of keys that lake.yml may declare and that this version does not implement. */
import { finding } from '../../lake/issues.ts'
import { fileFormats } from '../../lake/lake.ts'
import type { Part } from '../../lake/part.ts'
import type { Finding } from '../../lake/problem.ts'
import { entryAt, select, textOf, type Found, type MapNode } from '../../lake/tree.ts'

export const notImplementedPart: Part = {
  names: ['streams', 'warehouses'],
  references: [
    { from: 'tables.*.load.warehouse', to: ['warehouses'] },
    { from: 'streams.*.into', to: ['tables'] },
  ],
  sets: ['tables.*.load.keys', 'tables.*.rows.keys'],
  checks: [
    (root) => select(root, 'streams.*.into').flatMap((found) => intoFiles(root, found)),
    (root) => select(root, 'tables.*.load').flatMap(mergeWithoutKeys),
  ],
}

function intoFiles(root: MapNode, found: Found): Finding[] {
  const format = textOf(entryAt(root, ['tables', textOf(found.node) ?? '', 'format'])?.node)
  if (!fileFormats.some((files) => files === format)) return []
  return [finding('not a Delta table', 'a table of format delta', found, found.path, undefined)]
}

function mergeWithoutKeys({ path, node }: Found): Finding[] {
  const [mode] = select(node, 'mode')
  if (textOf(mode?.node) !== 'merge' || select(node, 'keys').length > 0) return []
  const expected = 'the key keys, with the columns that identify a row'
  return [
    { at: mode!.node.at, path: [...path, 'keys'], expected, found: 'nothing', message: `mode merge needs ${expected}` },
  ]
}
