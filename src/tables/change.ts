import type { EpochMs } from '../core/time.ts'
import type { StructType } from './schema.ts'

/** A table's description of itself at one version. */
export interface TableMetadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  /** Logical names; column mapping's physical names are in the fields' metadata. */
  readonly schema: StructType
  /** Logical names, in order. */
  readonly partitionColumns: readonly string[]
  /** As they were set. */
  readonly properties: Readonly<Record<string, string>>
}

/** What a client must support to read or write a table (Delta protocol, "Protocol Evolution"). */
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
  /** By logical column name, as the log writes the value; `null` for SQL NULL. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** Rows in the file, deleted ones among them; `null` when the log does not say. */
  readonly rows: number | null
  /** Rows that a deletion vector hides. */
  readonly deletedRows: number
  /** The deletion vector's unique id. */
  readonly deletionVector?: string
}

/** The difference between two versions of a table, of a Delta log or a landing log. */
export interface Change {
  /** The version before the first one of this change; -1 for a change that starts at the beginning. */
  readonly after: number
  /** The last version of this change. */
  readonly version: number
  /** When `version` was committed. */
  readonly timestamp: EpochMs
  /** What `version` did, as its writer calls it: `WRITE`, `OPTIMIZE`, `ADD COLUMNS`, … */
  readonly operation?: string
  /** The metadata in force after `version`, if this change sets it. */
  readonly metadata?: TableMetadata
  /** The protocol in force after `version`, if this change sets it. */
  readonly protocol?: Protocol
  /** Files that are live after `version` and were not before. */
  readonly added: readonly FileEntry[]
  /** Files that were, or may have been, live before and are not after `version`: keys only. */
  readonly removed: readonly Pick<FileEntry, 'path' | 'deletionVector'>[]
  /** False when the files hold the same rows as before (OPTIMIZE), so that a load has nothing to do. */
  readonly dataChange: boolean
}

/** A table at one version, without its files: enough for the catalog. */
export interface TableState {
  readonly version: number
  /** When `version` was committed. */
  readonly timestamp: EpochMs
  readonly protocol: Protocol
  readonly metadata: TableMetadata
}
