import type { StructField } from '../../../tables/schema.ts'
import { field, join } from '../lattice.ts'
import { type CsvDialect, type FileSchema, unreadable } from './schema.ts'
import { cellType } from './text.ts'

type Delimiter = CsvDialect['delimiter']
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|']
/** Records, and characters of them, from which the delimiter is found, and records from which the types are. */
const SNIFFED = 20
const SNIFFED_TEXT = 1024 * 1024
const RECORDS = 1000
/** The catalog has no room for so many columns. */
const MOST_COLUMNS = 20_000

/**
 * The columns of a CSV text (RFC 4180) with a header: names from the header, types from the first records. The delimiter is
 * the one that splits the first records most evenly, and into the most values. `whole`: the text is the whole file.
 *
 * @throws {Refused} `files-unreadable`: no header, an unclosed quote, a record longer than the header.
 */
export function inferCsv(text: string, whole: boolean): FileSchema {
  const body = text.replace(/^\uFEFF/, '')
  const delimiter = sniff(body.slice(0, SNIFFED_TEXT), whole && body.length <= SNIFFED_TEXT)
  const { records, quoted } = parse(body, delimiter, RECORDS + 1, whole)
  const [header, ...rows] = records
  if (header === undefined && whole) throw unreadable('the file has no header')
  if (header === undefined || (rows.length === 0 && !whole)) {
    throw unreadable('the header and first row are longer than the 4 MB that are read')
  }
  const types = header.cells.map(() => 'void')
  for (const { cells, line } of rows) {
    if (cells.length > types.length) {
      throw unreadable(`line ${line} has ${cells.length} values, expected ${types.length} as in the header`)
    }
    for (const [at, cell] of cells.entries()) types[at] = join(types[at] ?? 'void', cellType(cell)) as string
  }
  return { fields: columns(header.cells, types), csv: { delimiter, quoted } }
}

/** CSV columns are read by position, so a column without a name, or with a duplicate name, gets one. */
function columns(names: readonly string[], types: readonly string[]): StructField[] {
  const taken = new Set<string>()
  // The last number tried for each name: a header may have one name a hundred thousand times.
  const tried = new Map<string, number>()
  return names.map((name, at) => {
    const wanted = name.trim() === '' ? `column_${at + 1}` : name.trim()
    let unique = wanted
    let n = tried.get(wanted.toLowerCase()) ?? 1
    while (taken.has(unique.toLowerCase())) unique = `${wanted}_${++n}`
    tried.set(wanted.toLowerCase(), n)
    taken.add(unique.toLowerCase())
    return field(unique, types[at] ?? 'void')
  })
}

function sniff(text: string, whole: boolean): Delimiter {
  const scores = DELIMITERS.map((delimiter) => {
    const widths = tryParse(text, delimiter, whole).map(({ cells }) => cells.length)
    const [header = 0] = widths
    const even = widths.filter((width) => width === header).length / Math.max(widths.length, 1)
    return { delimiter, score: header < 2 ? 0 : even * 1000 + header }
  })
  return scores.reduce((best, each) => (each.score > best.score ? each : best)).delimiter
}

function tryParse(text: string, delimiter: Delimiter, whole: boolean): readonly CsvRecord[] {
  try {
    return parse(text, delimiter, SNIFFED, whole).records
  } catch {
    // Not CSV with this delimiter. The error is reported for the delimiter that is chosen.
    return []
  }
}

interface CsvRecord {
  readonly cells: readonly string[]
  /** The first line, from 1. */
  readonly line: number
}

/** At most `limit` records. Of a file's beginning without the last one, which may be cut off. */
function parse(
  text: string,
  delimiter: Delimiter,
  limit: number,
  whole: boolean,
): { records: CsvRecord[]; quoted: boolean } {
  const records: CsvRecord[] = []
  const cell = new RegExp(`"([^"]*(?:""[^"]*)*)"(?=[${delimiter}\\r\\n]|$)|(?!")[^${delimiter}\\r\\n]*`, 'y')
  let [at, line, quoted] = [0, 1, false]
  while (at < text.length && records.length < limit) {
    if (text[at] === '\n') {
      at++
      line++
      continue
    }
    const start = line
    const cells: string[] = []
    for (let more = true; more;) {
      cell.lastIndex = at
      const found = cell.exec(text)
      if (found === null) {
        if (!whole) return { records, quoted }
        throw unreadable(`line ${line} has an unclosed or misplaced quote`)
      }
      quoted ||= found[1] !== undefined
      if (cells.length === MOST_COLUMNS) throw unreadable(`line ${line} has more than ${MOST_COLUMNS} values`)
      cells.push(found[1]?.replaceAll('""', '"') ?? found[0])
      if (found[1] !== undefined) line += found[1].split('\n').length - 1
      at = cell.lastIndex
      more = text[at] === delimiter
      if (more) at++
    }
    if (at >= text.length && !whole) return { records, quoted }
    at += text.startsWith('\r\n', at) ? 2 : 1
    line++
    if (cells.length > 1 || cells[0] !== '') records.push({ cells, line: start })
  }
  return { records, quoted }
}
