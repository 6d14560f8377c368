/** Versions of a table as lines for a terminal: one each, and one more where its schema, properties or protocol changed. */
import type { CommitSummary } from '../../src/reactions/announce/facts.ts'
import { counted, shorten, wrapped } from '../text.ts'

/** Each column's width; with two spaces between them, 80 in all. */
const WIDTHS = [5, 16, 10, 11, 11, 11, 4] as const
const INDENT = ' '.repeat(WIDTHS[0] + 2)

export const HEADING = line(['VER', 'COMMITTED (UTC)', 'OPERATION', 'FILES', 'BYTES', 'ROWS', 'PART'])

export function linesOf(summary: CommitSummary, width: number): string[] {
  const { version, timestamp, operation, files, bytes, rows, partitions } = summary
  const cells = [
    String(version),
    new Date(timestamp).toISOString().slice(0, 16).replace('T', ' '),
    shorten(operation ?? '?', WIDTHS[2]),
    `${signed(files.added, files.removed)}${files.updated === 0 ? '' : ` ~${short(files.updated)}`}`.trim(),
    signed(bytes.added, bytes.removed),
    signed(rows.added, rows.removed),
    partitions.count === 0 ? '' : short(partitions.count),
  ]
  const also = changes(summary)
  const lines = [shorten(line(cells), width), ...(also === '' ? [] : wrapped(also, width, INDENT, `${INDENT}  `))]
  // Writers name operations, columns and properties as they like, and a terminal obeys control characters.
  return lines.map((each) => each.replaceAll(/\p{Cc}/gu, ' '))
}

function line([version = '', ...cells]: readonly string[]): string {
  const padded = cells.map((cell, i) => cell.padEnd(WIDTHS[i + 1]!))
  return [version.padStart(WIDTHS[0]), ...padded].join('  ').trimEnd()
}

/** `+12 -3`; nothing for none, `?` for what the log does not say. */
function signed(added: number | null, removed: number | null): string {
  return [added === 0 ? '' : `+${short(added)}`, removed === 0 ? '' : `-${short(removed)}`].filter(Boolean).join(' ')
}

/** At most four characters: `999`, `1.2k`, `45M`. */
export function short(value: number | null): string {
  if (value === null) return '?'
  const units = ['', 'k', 'M', 'G', 'T', 'P']
  let [rest, unit] = [value, 0]
  while (rest >= 999.5 && unit < units.length - 1) [rest, unit] = [rest / 1_000, unit + 1]
  const digits = unit > 0 && rest < 9.95 ? rest.toFixed(1) : rest.toFixed(0)
  return `${digits}${units[unit]}`
}

type Listed<Item> = { readonly count: number; readonly first: readonly Item[] } | undefined

/** What changed beside the rows. */
function changes({ schema, properties, protocol, missed }: CommitSummary): string {
  const parts: string[] = []
  const some = <Item>(what: string, list: Listed<Item>, text: (item: Item) => string) => {
    if (list !== undefined) parts.push(`${what} ${named(list.count, list.first.map(text))}`)
  }
  if (missed) parts.push(`${counted(missed.to - missed.from + 1, 'version')} before it cleaned up from the log`)
  if (schema === null) parts.push('schema changed or not: the version before is gone')
  some('added', schema?.added, ({ column, type }) => `${column} ${type}`)
  some('dropped', schema?.dropped, ({ column }) => column)
  some('renamed', schema?.renamed, ({ from, to }) => `${from} to ${to}`)
  some('changed', schema?.changed, ({ column, type }) => (type ? `${column} from ${type.from} to ${type.to}` : column))
  if (schema?.partitionColumns) parts.push(`partitioned by ${schema.partitionColumns.to.join(', ') || 'nothing'}`)
  some('set', properties ?? undefined, ({ name, to }) => `${name}=${to ?? '(unset)'}`)
  if (protocol) parts.push(`protocol ${protocol.to.minReaderVersion}/${protocol.to.minWriterVersion}`)
  return parts.join('; ')
}

/** How many of a list a line names. */
const NAMED = 5

function named(count: number, names: readonly string[]): string {
  const some = names.slice(0, NAMED).map((name) => shorten(name, 60))
  return some.length < count ? `${some.join(', ')} and ${count - some.length} more` : some.join(', ')
}
