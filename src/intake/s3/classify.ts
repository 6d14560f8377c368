import { type Lake, type Table, keyPrefix } from '../../lake/lake.ts'
import { tableAt, type TableAt, tableOf, type TableOf } from '../../lake/lookup.ts'
import type { Rejection } from '../../core/ledger.ts'
import { parseCommitKey } from '../../tables/delta/names.ts'
import { type ObjectState, objectStateOf, type ObjectEvent } from '../../tables/landing/event.ts'
import { isData } from '../../tables/landing/paths.ts'

/**
 * What an S3 event means to a lake:
 * - `commit`: version `version` of a Delta table exists;
 * - `file`: a file of a table of files was created or deleted;
 * - `ignored`: nothing to do, and nothing wrong (a checkpoint, a staged commit, a data file of a Delta table, a marker);
 * - `rejected`: it belongs to no table of this lake, and an operator should know.
 */
export type Classification =
  | { readonly kind: 'commit'; readonly table: Table; readonly version: number }
  | { readonly kind: 'file'; readonly table: Table; readonly state: ObjectState }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'rejected'; readonly rejection: Omit<Rejection, 'source'> }

/** Finds a lake's tables by their locations. */
interface Places {
  readonly tableAt: TableAt
  readonly tableOf: TableOf
  readonly buckets: ReadonlySet<string>
}

export function placesOf(lake: Lake): Places {
  return {
    tableAt: tableAt(lake),
    tableOf: tableOf(lake),
    buckets: new Set(Object.values(lake.tables).map(({ location }) => location.bucket)),
  }
}

export function classify(event: ObjectEvent, places: Places): Classification {
  const { bucket, key } = event
  if (!places.buckets.has(bucket))
    return rejected('unknown-bucket', bucket, key, `no table of this lake is in the bucket '${bucket}'`)
  const commit = event.type === 'created' ? parseCommitKey(key) : undefined
  return commit === undefined ? classifyFile(event, places) : classifyCommit(event, commit, places)
}

function classifyCommit(
  { bucket, key }: ObjectEvent,
  { tablePrefix, version }: { readonly tablePrefix: string; readonly version: number },
  places: Places,
): Classification {
  const table = places.tableAt(bucket, tablePrefix)
  const place = `s3://${bucket}/${tablePrefix}`
  if (table === undefined)
    return rejected('unknown-table', place, key, `a commit was written to ${place}, which lake.yml does not declare`)
  if (table.format !== 'delta')
    return rejected(
      'format-mismatch',
      place,
      key,
      `a Delta commit was written to ${place}, which lake.yml declares as ${table.format}`,
    )
  return { kind: 'commit', table, version }
}

/** Objects outside of all tables are ignored: a bucket may hold other data too. */
function classifyFile(event: ObjectEvent, places: Places): Classification {
  const table = places.tableOf(event.bucket, event.key)
  if (table === undefined) return { kind: 'ignored', why: 'in no table' }
  if (table.format === 'delta') return { kind: 'ignored', why: 'not a commit' }
  const { prefix } = table.location
  const key = event.key.slice(keyPrefix({ prefix }).length)
  return isData(key) ? { kind: 'file', table, state: objectStateOf(event, key) } : { kind: 'ignored', why: 'not data' }
}

function rejected(code: string, about: string, sample: string, reason: string): Classification {
  return { kind: 'rejected', rejection: { code, about, reason, sample } }
}
