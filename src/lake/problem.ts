/** Problems in a lake.yml, in a form that both people and editors can use. */
import { withoutCredentials } from './credentials.ts'

/** Keys and list indexes from the top of the file. */
export type Path = readonly (string | number)[]

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number
  /** `tables.flights.archive[0].after`; empty for the file as a whole. */
  readonly path: string
  readonly expected: string
  readonly found: string
  /** One sentence that says everything except the position. */
  readonly message: string
  /** What to write instead, if that can be guessed. */
  readonly suggestion?: string
  /** A lake with warnings can be deployed. */
  readonly severity: 'error' | 'warning'
}

/** A problem whose position is still an offset, not yet line and column. */
export interface Finding {
  /** Offset into the text, in UTF-16 code units. */
  readonly at: number
  readonly path: Path
  readonly expected: string
  readonly found: string
  readonly message: string
  readonly suggestion?: string
  readonly severity?: 'warning'
}

/** What a rule finds wrong with a text. The caller adds the position. */
export interface Fault {
  /** In short: `bad duration`. */
  readonly what: string
  readonly expected: string
  readonly suggestion?: string
}

/** `a.b[0].c`; keys that are not plain words are quoted. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(shorten(part))}]`
  }
  return text
}

/** At most `length` characters, to keep messages short; and no credentials of an address, before any are cut off. */
export function shorten(given: string, length = 60): string {
  const text = withoutCredentials(given)
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** `; did you mean 'x'?`, or an empty text. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean '${suggestion}'?`
}

/** `'text'`, shortened. */
export function quoted(text: string): string {
  return `'${shorten(text)}'`
}

/** `one of a, b, c`: the first 20 of them. */
export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 20)
  return `one of ${[...shown, ...(names.length > shown.length ? ['…'] : [])].join(', ')}`
}
