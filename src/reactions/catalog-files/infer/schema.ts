import type { StructField } from '../../../tables/schema.ts'
import { Refused } from '../../../core/refused.ts'

/** What one file says of its columns. */
export interface FileSchema {
  readonly fields: readonly StructField[]
  /** Of a CSV file. */
  readonly csv?: CsvDialect
  /** The schema of an Avro file, as JSON, fit to read older and newer files with. */
  readonly avro?: string
}

export interface CsvDialect {
  readonly delimiter: ',' | ';' | '\t' | '|'
  /** Whether any value stands in quotes: then the table needs another SerDe, which knows text only. */
  readonly quoted: boolean
}

/** A file that has no schema to give; the message goes on after the file's name. */
export function unreadable(message: string, cause?: unknown): Refused {
  return new Refused('files-unreadable', message, {}, cause === undefined ? undefined : { cause })
}

/** What a wrapped error said, in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
