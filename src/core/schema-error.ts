import type * as z from 'zod/mini'

/** What a schema has against a value, in one line: where, and what was expected there. zod's own texts are left out of bundles. */
export function reasonOf(error: z.core.$ZodError): string {
  const [first, ...more] = error.issues
  if (first === undefined) return 'it does not fit'
  const where = first.path.length === 0 ? 'the whole' : first.path.join('.')
  const expected = 'expected' in first ? `expected ${String(first.expected)}` : first.code.replaceAll('_', ' ')
  return `${where}: ${expected}${more.length === 0 ? '' : `, and ${more.length} more`}`
}
