/** Which partition of a table of files a file belongs to, by its path alone. */
import type { PartitionType } from '../../lake/lake.ts'
import { patternColumns } from '../../lake/pattern.ts'
import { partitionValues } from './paths.ts'

/** What Hive, Spark and Glue call the partition of SQL NULL. */
export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'

export interface Partitioning {
  /** The partition columns, in the order of the folders. */
  readonly partitions: readonly string[]
  /** Of the columns that are no strings. */
  readonly partitionTypes?: Readonly<Record<string, PartitionType>>
  /** How folders that are not Hive's (`dt=…/`) spell the values: `{dt}/{hour}`, `year-{y}/{m}-{d}`. */
  readonly partitionPattern?: string
}

export interface Partition {
  /** In the order of the columns, decoded; `null` for SQL NULL. */
  readonly values: readonly (string | null)[]
  /** As S3 has it, relative to the table's location, with a slash at the end. */
  readonly folder: string
}

export type Placed = Partition | { readonly misfit: string }

/** The partition that the first folders of `path` name, or why they name none. */
export function partitionOf(path: string, table: Partitioning): Placed {
  const shape = shapeOf(table)
  const folders = path.split('/').slice(0, -1)
  if (folders.length < shape.length)
    return { misfit: `it lies in ${folders.length} folders, and ${spelled(shape)} has ${shape.length}` }
  const values: Record<string, string | null> = {}
  for (const [at, { text, match }] of shape.entries()) {
    const found = match(folders[at] ?? '')
    if (found === undefined) return { misfit: `its folder '${folders[at]}' is not ${text}` }
    Object.assign(values, found)
  }
  for (const column of table.partitions) {
    const fault = typeFault(values[column] ?? null, table.partitionTypes?.[column] ?? 'string')
    if (fault !== undefined) return { misfit: `${column} = '${values[column]}' is ${fault}` }
  }
  const folder = folders
    .slice(0, shape.length)
    .map((each) => `${each}/`)
    .join('')
  return { values: table.partitions.map((column) => values[column] ?? null), folder }
}

/**
 * The values that the folders of `path` spell, by column, for the landing log: of a path that names no partition those
 * that it does name.
 */
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
    text: `${column}=VALUE`,
    match: (folder) => {
      const values = partitionValues(`${folder}/file`, [column])
      return values[column] === '' || !Object.hasOwn(values, column) ? undefined : values
    },
  }))
}

function patternLevel(text: string): Level {
  const names = patternColumns(text).map(({ name }) => name)
  const source = text.split(/\{[^{}]*\}/).map((literal) => literal.replaceAll(/[^\w]/gu, String.raw`\$&`))
  // Only the last value of a folder may hold what stands behind it, so that values and folder are one to one; nothing is
  // tried twice, or a key of nothing but separators would take minutes.
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

function spelled(shape: readonly Level[]): string {
  return shape.map(({ text }) => text.replaceAll("'", '')).join('/')
}

/** Glue's longest partition value ("ValueString"). */
const LONGEST = 1024
const LIMITS = { int: 2n ** 31n, bigint: 2n ** 63n }

/** Athena fails a whole query over one value that is not of its column's type. */
function typeFault(value: string | null, type: PartitionType): string | undefined {
  if (value === null) return undefined
  if (value.length > LONGEST) return `longer than ${LONGEST} characters`
  if (/\p{Cc}/u.test(value)) return 'a text with control characters'
  if (type === 'string') return undefined
  if (type === 'date') return isDate(value) ? undefined : 'no date (2026-11-22)'
  const fits = /^-?\d{1,19}$/.test(value) && BigInt(value) < LIMITS[type] && BigInt(value) >= -LIMITS[type]
  return fits ? undefined : `no ${type}`
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
