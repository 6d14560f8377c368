import { Refused } from '../core/refused.ts'
import { truncateUtf8 } from '../core/text.ts'
import type { StructField, StructType } from '../tables/schema.ts'
import type { Column } from './ports.ts'
import { singleLine } from './text.ts'
import { hiveType } from './types.ts'

/** Bytes (Glue API reference, "Column", Name and Comment). */
const LONGEST = { name: 255, comment: 255 }

/**
 * A schema's columns as Glue holds them.
 *
 * @throws {Refused} `duplicate-column`, `bad-column-name`, `unknown-type`, `type-too-long`
 */
export function columnsOf(schema: StructType): Column[] {
  const seen = new Set<string>()
  return schema.fields.map((field) => {
    const name = columnName(field.name)
    if (seen.has(name)) {
      throw new Refused(
        'duplicate-column',
        `Column ${field.name}: another column differs from it only in case, and Glue ignores case.`,
        {
          subject: field.name,
          expected: 'column names that differ by more than case',
          advice: 'Rename one of the columns (with column mapping).',
        },
      )
    }
    seen.add(name)
    const comment = commentOf(field)
    return { Name: name, Type: hiveType(field), ...(comment === undefined ? {} : { Comment: comment }) }
  })
}

/** Hive ignores case; the schema in the parameters keeps it. */
function columnName(name: string): string {
  const lower = name.toLowerCase()
  if (lower !== '' && singleLine(lower) === lower && truncateUtf8(lower, LONGEST.name) === lower) return lower
  throw new Refused('bad-column-name', `Column ${JSON.stringify(name)}: Glue does not accept this name.`, {
    subject: name,
    expected: `1 to ${LONGEST.name} bytes in one line`,
    advice: 'Rename the column (with column mapping), or turn off the catalog for this table in lake.yml.',
  })
}

/** The comment that the log has for a column, cut to what Glue holds. */
export function commentOf(field: StructField): string | undefined {
  const comment = field.metadata['comment']
  if (typeof comment !== 'string' || comment === '') return undefined
  return truncateUtf8(singleLine(comment), LONGEST.comment)
}
