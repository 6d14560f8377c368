import type { Milliseconds } from '../src/core/time.ts'

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

/** Cut in the middle: both ends of a path say more than its middle. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  if (width < 3) return text.slice(0, Math.max(0, width))
  const head = Math.ceil((width - 1) / 2)
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`
}

/** `850 ms`, `12 s`, `4 min`, `7 h`, `3 days`. */
export function age(ms: Milliseconds): string {
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

/** `version 3`, `versions 3–7`. */
export function versions(from: number, to: number): string {
  return from === to ? `version ${to}` : `versions ${from}–${to}`
}

/** The first dozen names, and how many more there are. */
export function list(all: readonly string[]): string {
  if (all.length === 0) return 'none'
  return all.length <= 12 ? all.join(', ') : `${all.slice(0, 12).join(', ')} and ${all.length - 12} more`
}

/** `850 bytes`, `1.2 MB`: units of a thousand, as in S3's price list. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length - 1, bytes === 0 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** Breaks a text into lines of at most `width` columns. `first` and `rest` are the indents. Words are not cut. */
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
