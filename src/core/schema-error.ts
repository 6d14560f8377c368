import type * as z from 'zod/mini'

/** Why a value does not match a schema, in one line: where, and what was expected. zod's own messages are not bundled. */
export function reasonOf(error: z.core.$ZodError): string {
  const [first, ...more] = error.issues
  if (first === undefined) return 'it does not match'
  const where = first.path.length === 0 ? 'the value' : first.path.join('.')
  const expected = 'expected' in first ? `expected ${String(first.expected)}` : first.code.replaceAll('_', ' ')
  return `${where}: ${expected}${more.length === 0 ? '' : `, and ${more.length} more`}`
}

/**
 * Whether a list is too long for a schema: zod keeps an issue for each fault of each item, so that a message of 1 MB could take
 * hundreds.
 */
export function isLonger(list: unknown, most: number): boolean {
  return Array.isArray(list) && list.length > most
}
