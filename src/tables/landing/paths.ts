/**
 * Whether an object can be data of its table. As for Spark, Hive and Athena, folder markers are not data, nor is anything
 * with a part that begins with `_` or `.` (`_temporary/`, `_SUCCESS`, `.staging/`). A folder such as `_year=2026` is a
 * partition all the same; a file is hidden by its first character alone. `key` is relative to the table's location.
 */
export function isData(key: string): boolean {
  if (key === '' || key.endsWith('/') || key.endsWith('._COPYING_')) return false
  const parts = key.split('/')
  const file = parts.pop() ?? ''
  return !isHidden(file) && parts.every((part) => !isHidden(part) || isPartition(part))
}

function isHidden(part: string): boolean {
  return part.startsWith('_') || part.startsWith('.')
}

function isPartition(part: string): boolean {
  return part.startsWith('_') && part.includes('=')
}

/** What Hive, Spark and Glue write for the partition of SQL NULL. */
export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'

/**
 * The values of the declared partition columns in the folders of `path` (`dt=2026-11-22/…`), as Hive and Spark write
 * them: special characters percent-encoded, names in any case. A column that no folder names has no entry.
 */
export function partitionValues(path: string, columns: readonly string[]): Readonly<Record<string, string | null>> {
  if (columns.length === 0) return {}
  const values: Record<string, string | null> = {}
  for (const part of path.split('/').slice(0, -1)) {
    const at = part.indexOf('=')
    if (at <= 0) continue
    const name = decoded(part.slice(0, at)).toLowerCase()
    const column = columns.find((each) => each.toLowerCase() === name)
    const value = part.slice(at + 1)
    if (column !== undefined) values[column] = value === NULL_PARTITION ? null : decoded(value)
  }
  return values
}

/** A `%` that does not begin an escape of valid UTF-8 is kept as it is. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  return text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

/**
 * The order in which S3 and DynamoDB list keys: that of their UTF-8 bytes. JavaScript's strings sort differently only if one
 * has a character beyond U+FFFF, whose surrogates sort too low.
 */
export function byBytes(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates are halves of characters beyond U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}
