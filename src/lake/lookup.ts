import type { Lake, Table } from './lake.ts'

/** The table that an object belongs to, if any. `key` is raw, as S3 has it: not percent-encoded. */
export type TableOf = (bucket: string, key: string) => Table | undefined

/** The table at exactly this location, if any. `prefix` has no slash at either end. */
export type TableAt = (bucket: string, prefix: string) => Table | undefined

/** One map lookup. */
export function tableAt(lake: Lake): TableAt {
  const tables = new Map(
    Object.values(lake.tables).map((table) => [`${table.location.bucket}/${table.location.prefix}`, table]),
  )
  return (bucket, prefix) => tables.get(`${bucket}/${prefix}`)
}

/** One map lookup for each slash in the key, whatever the number of tables: no location is inside another. */
export function tableOf(lake: Lake): TableOf {
  const at = tableAt(lake)
  return (bucket, key) => {
    const whole = at(bucket, '')
    if (whole !== undefined) return whole
    for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
      const table = at(bucket, key.slice(0, end))
      if (table !== undefined) return table
    }
    return undefined
  }
}
