import type { StructType } from './schema.ts'

/** What a table says of itself at one version. */
export interface TableMetadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  /** Logical names; column mapping's physical names are in the fields' metadata. */
  readonly schema: StructType
  /** Logical names, in order. */
  readonly partitionColumns: readonly string[]
  /** Table properties, as they were set. */
  readonly properties: Readonly<Record<string, string>>
}

/** Who may read a table, by the Delta protocol ("Protocol Evolution"). */
export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures: readonly string[]
  readonly writerFeatures: readonly string[]
}

/** One live file of a table. Its key is `path` and, where it has one, the deletion vector's id. */
export interface FileEntry {
  /** Decoded; relative to the table's location, or an absolute URI. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Logical column name to value as the log spells it; `null` for SQL NULL. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** Rows in the file, deleted ones among them; `null` when the log does not say. */
  readonly rows: number | null
  /** Rows that a deletion vector hides. */
  readonly deletedRows: number
  /** The deletion vector's unique id. */
  readonly deletionVector?: string
}

/** What a table's log holds after some version: Delta commits and landings alike. */
export interface Change {
  /** The version before the first one of this change; -1 for a change that starts at the beginning. */
  readonly after: number
  /** The last version of this change. */
  readonly version: number
  /** When `version` was committed, in ms since the epoch. */
  readonly timestamp: number
  /** What `version` did, as its writer calls it: `WRITE`, `OPTIMIZE`, `ADD COLUMNS`, … */
  readonly operation?: string
  /** The metadata in force after `version`, if this change sets it. */
  readonly metadata?: TableMetadata
  /** The protocol in force after `version`, if this change sets it. */
  readonly protocol?: Protocol
  /** Files that are live after `version` and were not before. */
  readonly added: readonly FileEntry[]
  /** Files that were live before (or may have been) and are not after `version`: keys only. */
  readonly removed: readonly Pick<FileEntry, 'path' | 'deletionVector'>[]
  /** False when the files hold the same rows as before (OPTIMIZE), so that a load has nothing to do. */
  readonly dataChange: boolean
}

/** What a table is at one version, without its files: enough for the catalog. */
export interface TableState {
  readonly version: number
  /** When `version` was committed, in ms since the epoch. */
  readonly timestamp: number
  readonly protocol: Protocol
  readonly metadata: TableMetadata
}
