/**
 * Rows as aligned columns that fit a terminal: the widest column is shortened, with an ellipsis, until they do. The first
 * row is the heading.
 */
export function columns(rows: readonly (readonly string[])[], width: number): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  const gaps = 2 * Math.max(0, count - 1)
  while (sum(widths) + gaps > width && Math.max(...widths) > 8) widths[widths.indexOf(Math.max(...widths))]!--
  return rows.map((row) =>
    widths
      .map((w, i) => shorten(row[i] ?? '', w).padEnd(w))
      .join('  ')
      .trimEnd(),
  )
}

/** Cut in the middle, since both ends of a path tell more than its middle. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  if (width < 3) return text.slice(0, Math.max(0, width))
  const head = Math.ceil((width - 1) / 2)
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`
}

/** `850 ms`, `12 s`, `4 min`, `7 h`, `3 days`: one unit is enough to judge an age. */
export function age(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-GB')
}

/** `1 bucket`, `12,345 buckets`. */
export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`
}

/** `850 bytes`, `1.2 MB`: units of a thousand, as S3's prices have them. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length - 1, bytes === 0 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** A text in lines of at most `width` columns, the first after `first`, the others after `rest`. No word is cut. */
export function wrapped(text: string, width: number, first: string, rest: string): string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = rest
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
