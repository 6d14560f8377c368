/** What an answer has to look like: a value of JSON whose leaves say types. `[number]` is a list of numbers, not an empty one. */
export type ResponseMatch = unknown

/** The types that a leaf of a shape may say. */
export const typeNames = ['number', 'string', 'boolean', 'null', 'any'] as const

/**
 * What is wrong with `value` by `shape`, or `undefined`. What a shape does not name may be there too.
 *
 * - `number`, `string`, `boolean`, `null`: such a value. `any`: one at all.
 * - `{ predictions: … }`: an object that has it.
 * - `[number]`: a list, not empty, of which each is so. `[]`: any list.
 */
export function mismatch(value: unknown, shape: ResponseMatch, path = 'the answer'): string | undefined {
  if (shape === 'any') return value === undefined ? `${path} is missing` : undefined
  if (typeof shape === 'string') return kindOf(value) === shape ? undefined : unlike(path, shape, value)
  if (shape === null) return value === null ? undefined : unlike(path, 'null', value)
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return unlike(path, 'a list', value)
    if (shape.length === 0) return undefined
    if (value.length === 0) return `${path} is an empty list`
    return first(value.map((item, i) => mismatch(item, shape[0], `${path}[${i}]`)))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unlike(path, 'an object', value)
  const fields = value as Readonly<Record<string, unknown>>
  return first(
    Object.entries(shape as object).map(([name, inner]) =>
      Object.hasOwn(fields, name) ? mismatch(fields[name], inner, `${path}.${name}`) : `${path}.${name} is missing`,
    ),
  )
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}

function unlike(path: string, expected: string, value: unknown): string {
  return `${path} is ${(JSON.stringify(value) ?? 'missing').slice(0, 80)}, not ${expected}`
}
