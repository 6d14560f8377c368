/**
 * The names of the objects under `_delta_log/` are parsed here, and nowhere else (Delta protocol, "Delta Log Entries",
 * "Checkpoint Naming Scheme", "Log Compaction Files").
 */

/** The folder of a table's log, with the slash. */
export const LOG = '_delta_log/'

type LogName =
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'checkpoint'; readonly version: number }
  | { readonly kind: 'checkpoint-part'; readonly version: number; readonly part: number; readonly parts: number }
  | { readonly kind: 'checkpoint-v2'; readonly version: number; readonly format: 'json' | 'parquet' }
  | { readonly kind: 'compaction'; readonly version: number; readonly to: number }
  | { readonly kind: 'checksum'; readonly version: number }
  | { readonly kind: 'last-checkpoint' }
  /** Not part of the log that a reader may interpret: staged commits, sidecars, data, temporary files. */
  | { readonly kind: 'other' }
  /** Begins like a name of the log, but is invalid: a version too large, a part beyond the number of parts. */
  | { readonly kind: 'broken'; readonly reason: string }

const OTHER: LogName = { kind: 'other' }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu

/** Parses a key relative to the table's location, or to its `_delta_log/`. Never throws. */
export function parseLogName(key: string): LogName {
  const name = key.startsWith(LOG) ? key.slice(LOG.length) : key
  if (name === '_last_checkpoint') return { kind: 'last-checkpoint' }
  const [digits = '', ...rest] = name.split('.')
  if (!/^\d{20}$/u.test(digits)) return OTHER
  const version = Number(digits)
  if (!Number.isSafeInteger(version)) return { kind: 'broken', reason: `version ${digits} is too large` }
  const tail = rest.join('.')
  if (tail === 'json') return { kind: 'commit', version }
  if (tail === 'crc') return { kind: 'checksum', version }
  if (tail === 'checkpoint.parquet') return { kind: 'checkpoint', version }
  if (rest[0] === 'checkpoint') return parseCheckpoint(version, rest)
  if (rest.length === 3 && rest[1] === 'compacted' && rest[2] === 'json') return parseCompaction(version, rest[0] ?? '')
  return OTHER
}

function parseCheckpoint(version: number, rest: readonly string[]): LogName {
  const [, first = '', second = '', third] = rest
  if (rest.length === 3 && UUID.test(first) && (second === 'json' || second === 'parquet'))
    return { kind: 'checkpoint-v2', version, format: second }
  if (rest.length === 4 && third === 'parquet' && /^\d{10}$/u.test(first) && /^\d{10}$/u.test(second)) {
    const [part, parts] = [Number(first), Number(second)]
    if (part >= 1 && part <= parts) return { kind: 'checkpoint-part', version, part, parts }
    return { kind: 'broken', reason: `part ${part} of ${parts}` }
  }
  return OTHER
}

function parseCompaction(version: number, last: string): LogName {
  if (!/^\d{20}$/u.test(last)) return OTHER
  const to = Number(last)
  if (Number.isSafeInteger(to) && to > version) return { kind: 'compaction', version, to }
  return { kind: 'broken', reason: `a compaction from ${version} to ${last}` }
}

/**
 * The table and version of a commit, by its S3 key `<prefix>/_delta_log/<20 digits>.json`; `undefined` for every other key.
 * `key` is raw, so the encoding of S3 events is already undone. `tablePrefix` has no slash at its end, and is empty for
 * a table at the bucket's root.
 */
export function parseCommitKey(key: string): { readonly tablePrefix: string; readonly version: number } | undefined {
  const at = key.lastIndexOf('/')
  const folder = key.slice(0, at + 1)
  if (folder !== LOG && !folder.endsWith(`/${LOG}`)) return undefined
  const name = parseLogName(key.slice(at + 1))
  if (name.kind !== 'commit') return undefined
  return { tablePrefix: folder === LOG ? '' : folder.slice(0, -LOG.length - 1), version: name.version }
}

/** 20 digits, with which every file of the log begins. */
export function padVersion(version: number): string {
  return String(version).padStart(20, '0')
}

export function commitKey(version: number): string {
  return `${LOG}${padVersion(version)}.json`
}
