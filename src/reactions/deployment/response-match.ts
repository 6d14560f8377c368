/** What a response has to look like: JSON with type names as leaves. `[number]` is a non-empty list of numbers. */
export type ResponseMatch = unknown

/** The type names that a leaf may have. */
export const typeNames = ['number', 'string', 'boolean', 'null', 'any'] as const

/**
 * How `value` differs from `shape`; `undefined` if it matches. Fields that the shape does not name are allowed.
 *
 * - `number`, `string`, `boolean`, `null`: a value of that type. `any`: any value.
 * - `{ predictions: … }`: an object with that field.
 * - `[number]`: a non-empty list whose items all match. `[]`: any list.
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
