import type { Lake, Table } from '../lake/lake.ts'
import { tableAt, type TableAt } from '../lake/lookup.ts'
import type { Rejection } from '../ledger/ledger.ts'
import { parseCommitKey } from '../tables/delta/index.ts'
import type { S3Event } from './s3-event.ts'

/**
 * What an S3 event tells a lake:
 * - `commit`: version `version` of a Delta table of the lake is there;
 * - `ignored`: no news, and nothing wrong (a checkpoint, a staged commit, a data file);
 * - `rejected`: meant for nobody in this lake, which an operator should know.
 */
export type Landed =
  | { readonly kind: 'commit'; readonly table: Table; readonly version: number }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }

/** Where a lake's tables lie. */
export interface Places {
  readonly tableAt: TableAt
  readonly buckets: ReadonlySet<string>
}

export function placesOf(lake: Lake): Places {
  return { tableAt: tableAt(lake), buckets: new Set(Object.values(lake.tables).map(({ location }) => location.bucket)) }
}

/** Pure. */
export function classify(event: S3Event, places: Places): Landed {
  const { bucket, object } = event.detail
  if (!places.buckets.has(bucket.name))
    return rejected(
      'unknown-bucket',
      bucket.name,
      object.key,
      `no table of this lake is in the bucket '${bucket.name}'`,
    )
  if (event['detail-type'] !== 'Object Created') return { kind: 'ignored', why: event['detail-type'] }
  const commit = parseCommitKey(object.key)
  if (commit === undefined) return { kind: 'ignored', why: 'not a commit' }
  const table = places.tableAt(bucket.name, commit.tablePrefix)
  const place = `s3://${bucket.name}/${commit.tablePrefix}`
  if (table === undefined)
    return rejected('unknown-table', place, object.key, `a commit landed in ${place}, which lake.yml does not declare`)
  if (table.format !== 'delta')
    return rejected(
      'format-mismatch',
      place,
      object.key,
      `a Delta commit landed in ${place}, which lake.yml declares as ${table.format}`,
    )
  return { kind: 'commit', table, version: commit.version }
}

function rejected(code: string, about: string, sample: string, reason: string): Landed {
  return { kind: 'rejected', rejection: { source: 'landing', code, about, reason, sample } }
}
