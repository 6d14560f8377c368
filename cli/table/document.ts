import type { EpochMs } from '../../src/core/time.ts'
import type { FileEntry, Protocol, TableMetadata } from '../../src/tables/change.ts'
import { featuresInForce } from '../../src/tables/delta/features.ts'
import type { Known, RefusedTable } from '../../src/tables/delta/refused.ts'
import type { Snapshot } from '../../src/tables/delta/snapshot.ts'

/** What `--json` prints. For a refused table: what could be read, null for the rest, and the reasons in `unsupported`. */
export interface TableDocument {
  readonly version: number | null
  /** When the version was committed. */
  readonly timestamp: EpochMs | null
  readonly protocol: Partial<Protocol> | null
  /** Every active feature, listed or implied by the protocol's versions. */
  readonly features: readonly string[] | null
  readonly schema: TableMetadata['schema'] | null
  readonly partitionColumns: readonly string[] | null
  readonly properties: TableMetadata['properties'] | null
  /** Live files. */
  readonly files: number | null
  readonly bytes: number | null
  /** Rows that a query sees, without deleted ones; null when the statistics of a file are missing. */
  readonly rows: number | null
  /** Rows that deletion vectors hide; not included in `rows`. */
  readonly deletedRows: number | null
  /** Names of the reasons why the table is refused; empty for a readable table. */
  readonly unsupported: readonly string[]
  /** With `--files`. `rows` of a file includes deleted rows. */
  readonly liveFiles?: Iterable<LiveFile>
}

export type LiveFile = Omit<FileEntry, 'deletionVector'> & { readonly deletionVector: string | null }

/** `files`: with the live files. */
export function documentOf(snapshot: Snapshot, files: boolean): TableDocument {
  const document = { ...stateDocument(snapshot), ...snapshot.totals, unsupported: [] }
  return files ? { ...document, liveFiles: liveFiles(snapshot) } : document
}

/** What could be read of a table before it was refused. */
export function refusedDocumentOf({ known, unsupported }: RefusedTable): TableDocument {
  const nothing = { files: null, bytes: null, rows: null, deletedRows: null }
  return { ...stateDocument(known), ...nothing, unsupported }
}

function* liveFiles({ files }: Snapshot): Generator<LiveFile> {
  for (const file of files) yield { ...file, deletionVector: file.deletionVector ?? null }
}

function stateDocument({
  version,
  timestamp,
  protocol,
  metadata,
}: Known): Omit<TableDocument, 'files' | 'bytes' | 'rows' | 'deletedRows' | 'unsupported'> {
  return {
    version: version ?? null,
    timestamp: timestamp ?? null,
    protocol: protocol ?? null,
    features: protocol === undefined ? null : featuresInForce(protocol),
    schema: metadata?.schema ?? null,
    partitionColumns: metadata?.partitionColumns ?? null,
    properties: metadata?.properties ?? null,
  }
}
