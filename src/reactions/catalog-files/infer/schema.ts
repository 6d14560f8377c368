import type { StructField } from '../../../tables/schema.ts'
import { Refused } from '../../../core/refused.ts'

/** The columns of one file. */
export interface FileSchema {
  readonly fields: readonly StructField[]
  /** Of a CSV file. */
  readonly csv?: CsvDialect
  /** The schema of an Avro file, as JSON, with which older and newer files can be read too. */
  readonly avro?: string
}

export interface CsvDialect {
  readonly delimiter: ',' | ';' | '\t' | '|'
  /** Whether any value is quoted: then the table needs another SerDe, which only knows text. */
  readonly quoted: boolean
}

/** A file whose columns cannot be found. The message follows the file's name. */
export function unreadable(message: string, cause?: unknown): Refused {
  return new Refused('files-unreadable', message, {}, cause === undefined ? undefined : { cause })
}

/** The first line of an error's message. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
