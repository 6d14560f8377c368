import { matches } from '../lake/names.ts'
import type { Fault } from '../lake/problem.ts'

export const gluePattern = '^[a-z0-9_-]{1,255}$'

/** https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html; ASCII, so that every engine reads it. */
export const glueFault = (text: string): Fault | undefined => {
  const expected = 'a Glue name: 1 to 255 lower-case letters, digits, _ or -'
  return matches(text, gluePattern, 'bad Glue name', expected, text.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '_'))
}

/** The Glue name of a table that lake.yml gives none: engines need quotes for a hyphen. */
export function glueNameOf(table: string): string {
  return table.replaceAll('-', '_')
}
