/** Which partition of a table of files a file belongs to, by its path alone. */
import type { PartitionType } from '../../lake/lake.ts'
import { patternColumns } from '../../lake/pattern.ts'
import { NULL_PARTITION, partitionValues } from './paths.ts'

export interface Partitioning {
  /** The partition columns, in the order of the folders. */
  readonly partitions: readonly string[]
  /** Only of columns that are not strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** The pattern of folders that are not Hive's (`dt=…/`): `{dt}/{hour}`, `year-{y}/{m}-{d}`. */
  readonly partitionPattern?: string
}

export interface Partition {
  /** In the order of the columns, decoded; `null` for SQL NULL. */
  readonly values: readonly (string | null)[]
  /** Raw, relative to the table's location, with a slash at the end. */
  readonly folder: string
}

export type Placed = Partition | { readonly misfit: string }

/** The partition that the first folders of `path` name, or why they do not name one. */
export function partitionOf(path: string, table: Partitioning): Placed {
  const shape = shapeOf(table)
  const folders = path.split('/').slice(0, -1)
  if (folders.length < shape.length) return { misfit: tooFewFolders(folders.length, shape) }
  const values: Record<string, string | null> = {}
  for (const [at, { text, match }] of shape.entries()) {
    const found = match(folders[at] ?? '')
    if (found === undefined) return { misfit: `folder '${folders[at]}' does not match ${text}` }
    Object.assign(values, found)
  }
  for (const column of table.partitions) {
    const fault = typeFault(values[column] ?? null, table.partitionTypes?.[column] ?? 'string')
    if (fault !== undefined) return { misfit: `${column} is '${values[column]}', ${fault}` }
  }
  const folder = folders
    .slice(0, shape.length)
    .map((each) => `${each}/`)
    .join('')
  if (!LOCATION.test(folder)) return { misfit: 'its folders have characters that no location in Glue can have' }
  return { values: table.partitions.map((column) => values[column] ?? null), folder }
}

/** The partition values in the folders of `path`, by column; of a path that fits no partition, those it has. */
export function valuesIn(path: string, table: Partitioning): Readonly<Record<string, string | null>> {
  if (table.partitionPattern === undefined) return partitionValues(path, table.partitions)
  const placed = partitionOf(path, table)
  if ('misfit' in placed) return {}
  return Object.fromEntries(table.partitions.map((column, at) => [column, placed.values[at] ?? null]))
}

interface Level {
  /** For messages. */
  readonly text: string
  readonly match: (folder: string) => Readonly<Record<string, string | null>> | undefined
}

function shapeOf({ partitions, partitionPattern }: Partitioning): Level[] {
  if (partitionPattern !== undefined) return partitionPattern.split('/').map(patternLevel)
  return partitions.map((column) => ({
    text: `${column}=…`,
    match: (folder) => {
      const values = partitionValues(`${folder}/file`, [column])
      return values[column] === '' || !Object.hasOwn(values, column) ? undefined : values
    },
  }))
}

function patternLevel(text: string): Level {
  const names = patternColumns(text).map(({ name }) => name)
  const source = text.split(/\{[^{}]*\}/).map((literal) => literal.replaceAll(/[^\w]/gu, String.raw`\$&`))
  // A value ends at the first literal that follows it in the pattern; only a folder's last value may contain one. So values
  // and folder are one to one, and the expression does not backtrack: a key of separators alone would take minutes.
  const pattern = new RegExp(
    `^${source.map((literal, at) => (at === 0 ? literal : `(${at === source.length - 1 ? '.+' : `.(?:(?!${literal}).)*`})${literal}`)).join('')}$`,
  )
  return {
    text: `'${text}'`,
    match: (folder) => {
      const found = pattern.exec(folder)
      return found === null
        ? undefined
        : Object.fromEntries(names.map((name, at) => [name, valueOf(found[at + 1] ?? '')]))
    },
  }
}

function valueOf(text: string): string | null {
  return text === NULL_PARTITION ? null : text
}

function tooFewFolders(found: number, shape: readonly Level[]): string {
  const expected = shape.map(({ text }) => text.replaceAll("'", '')).join('/')
  return `path has ${found} partition folder${found === 1 ? '' : 's'}, expected ${shape.length} (${expected})`
}

/** Glue's "LocationString": one folder that does not fit would make Glue reject its whole batch. */
const LOCATION = /^[\t\r\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u
/** Glue's longest partition value ("ValueString"). */
const LONGEST = 1024
const LIMITS = { int: 2n ** 31n, bigint: 2n ** 63n }

/** One value that is not of its column's type makes Athena fail the whole query. */
function typeFault(value: string | null, type: PartitionType): string | undefined {
  if (value === null) return undefined
  if (value.length > LONGEST) return `which is longer than ${LONGEST} characters`
  if (/\p{Cc}/u.test(value)) return 'which has control characters'
  if (type === 'string') return undefined
  if (type === 'date') return isDate(value) ? undefined : 'expected a date (2026-11-22)'
  const fits = /^-?\d{1,19}$/.test(value) && BigInt(value) < LIMITS[type] && BigInt(value) >= -LIMITS[type]
  return fits ? undefined : `expected ${type === 'int' ? 'an int' : `a ${type}`}`
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
