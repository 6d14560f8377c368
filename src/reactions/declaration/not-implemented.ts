/** Keys that lake.yml may declare and that this version does not implement. Delete a row when you implement its key. */
import type { Finding } from '../../lake/problem.ts'
import { select, type Found, type MapNode } from '../../lake/tree.ts'

const rows = [
  { pattern: 'tables.*.load', what: 'load' },
  { pattern: 'tables.*.rows', what: 'rows' },
  { pattern: 'tables.*.archive', what: 'archive' },
  { pattern: 'streams.*', what: 'streams' },
] as const

/** A warning for each use of such a key. */
export function notImplemented(root: MapNode): Finding[] {
  return rows.flatMap(({ pattern, what }) => select(root, pattern).map((found) => warning(found, what)))
}

function warning({ path, keyAt }: Found, what: string): Finding {
  const message = `\`${what}\` is not implemented yet and is ignored`
  return { at: keyAt, path, expected: 'a key that this version implements', found: what, message, severity: 'warning' }
}
