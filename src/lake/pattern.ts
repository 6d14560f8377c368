/** Patterns for folders that are not in Hive style, as lake.yml declares them: `{dt}/{hour}`, `y{year}/{month}-{day}`. */
import type { PartitionType } from './lake.ts'
import { partitionTypes } from './lake.ts'
import { columnFault } from './names.ts'
import type { Fault } from './problem.ts'

/** A column in braces, with its type if it is not a string: `{hour:int}`. */
const PLACE = /\{([^{}:]*)(?::([^{}]*))?\}/g

export const patternPattern = '^[^{}/]*\\{[^{}]+\\}[^{}]*(?:\\{[^{}]+\\}[^{}]*)*$'

/** The columns of a pattern, in its order. */
export function patternColumns(pattern: string): { readonly name: string; readonly type: string }[] {
  return [...pattern.matchAll(PLACE)].map(([, name = '', type = 'string']) => ({ name, type }))
}

/** The pattern without the types. */
export function withoutTypes(pattern: string): string {
  return pattern.replaceAll(PLACE, '{$1}')
}

export function isPartitionType(type: string): type is PartitionType {
  return partitionTypes.some((each) => each === type)
}

/** What is wrong with a pattern; `undefined` if nothing is. */
export function patternFault(pattern: string): Fault | undefined {
  const what = 'bad partition pattern'
  const columns = patternColumns(pattern)
  const rest = pattern.replaceAll(PLACE, '\0')
  if (columns.length === 0 || /[{}]/.test(rest)) return { what, expected: 'columns in braces, as in {dt}/{hour}' }
  if (rest.split('/').includes('')) return { what, expected: 'one slash between folders, and none at the ends' }
  if (rest.includes('\0\0')) return { what, expected: 'a separator between two columns' }
  const untyped = columns.find(({ type }) => !isPartitionType(type))
  if (untyped !== undefined)
    return { what, expected: `one of the types ${partitionTypes.join(', ')} after '${untyped.name}:'` }
  return columns.map(({ name }) => columnFault(name)).find((fault) => fault !== undefined)
}
