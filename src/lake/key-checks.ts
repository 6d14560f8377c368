/** Checks that several parts use. */
import type { Finding } from './problem.ts'
import { below, describe, type Found } from './tree.ts'

/** Exactly one of `keys`, or with `optional` at most one. */
export function oneOfKeys(found: Found, keys: readonly string[], optional = false): Finding[] {
  if (found.node.kind !== 'map') return []
  const given = keys.filter((key) => below(found, key).length > 0)
  if (given.length === 1 || (optional && given.length === 0)) return []
  const expected = `${optional ? 'at most' : 'exactly'} one of ${keys.join(', ')}`
  const what = given.length === 0 ? 'none' : given.join(' and ')
  return [{ ...atKey(found), expected, found: what, message: `expected ${expected}, found ${what}` }]
}

export const atKey = ({ keyAt, path }: Found): Pick<Finding, 'at' | 'path'> => ({ at: keyAt, path })

/** A key that must not be given here. */
export function unwanted(found: Found, expected: string): Finding {
  return { ...atKey(found), expected, found: describe(found.node), message: `expected ${expected}` }
}
