/** What is wrong in a lake.yml, in a form that both people and editors can use. */

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
  /** One sentence that says all of it but the place. */
  readonly message: string
  /** What to write instead, where that can be guessed. */
  readonly suggestion?: string
  /** A warning does not keep the lake from being deployed. */
  readonly severity: 'error' | 'warning'
}

/** A problem before its place is known as line and column. */
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

/** What a rule has against a text; the place is the caller's to know. */
export interface Fault {
  /** What the text should have been: `a duration`. */
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

/** At most `length` characters, so that no message is longer than what it is about deserves. */
export function shorten(text: string, length = 60): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** `; did you mean 'x'?`, or nothing. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean '${suggestion}'?`
}

/** `'text'`, shortened. */
export function quoted(text: string): string {
  return `'${shorten(text)}'`
}

/** `one of a, b, c`: the first of them, where there are many. */
export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 20)
  return `one of ${[...shown, ...(names.length > shown.length ? ['…'] : [])].join(', ')}`
}
