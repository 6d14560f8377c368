import type { Run } from '../../core/ledger.ts'
import { locationUri, type Table } from '../../lake/lake.ts'
import type { FileEntry } from '../../tables/change.ts'

/** The document that tells a job its files. Jobs read it, so its field names are a contract. */
export interface Manifest {
  readonly table: string
  /** `s3://bucket/prefix`. */
  readonly location: string
  readonly format: string
  /** The files are those of the versions after this one … */
  readonly after: number
  /** … up to and with this one. */
  readonly version: number
  readonly files: readonly ManifestFile[]
}

interface ManifestFile {
  /** `s3://…`, raw: not percent-encoded. */
  readonly uri: string
  readonly size: number
  readonly partition: Readonly<Record<string, string | null>>
}

export function manifestOf(table: Table, run: Run, after: number, files: readonly FileEntry[]): Manifest {
  const location = locationUri(table.location)
  return {
    table: table.name,
    location,
    format: table.format,
    after,
    version: run.version,
    files: files.map(({ path, size, partitionValues }) => ({
      // A Delta log may name files by a full URI. In a table of files, a key that looks like one is still a key of the bucket.
      uri: table.format === 'delta' && /^[a-z][a-z0-9+.-]*:\/\//.test(path) ? path : `${location}/${path}`,
      size,
      partition: partitionValues,
    })),
  }
}

/** Databricks allows 10,000 bytes of parameters (Jobs API, run-now), of which the others and JSON's quotes need some. */
const INLINE_LIMIT = 6_000

export type Parameters = Readonly<Record<string, string>>

/**
 * The manifest as parameters, if it is small enough. Otherwise `undefined`, and the manifest must be put where the job can read
 * it; so must one with `{{`, which Databricks takes for a placeholder ("Dynamic value references").
 */
export function inlineParameters(manifest: Manifest): Parameters | undefined {
  const files = JSON.stringify(manifest.files)
  return files.includes('{{') || new TextEncoder().encode(files).length > INLINE_LIMIT
    ? undefined
    : { ...named(manifest), landfall_files: files, landfall_manifest: '' }
}

export function manifestParameters(manifest: Manifest, uri: string): Parameters {
  return { ...named(manifest), landfall_files: '', landfall_manifest: uri }
}

function named({ table, location, format, after, version }: Manifest): Parameters {
  return {
    landfall_table: table,
    landfall_location: location,
    landfall_format: format,
    landfall_after: String(after),
    landfall_version: String(version),
  }
}
