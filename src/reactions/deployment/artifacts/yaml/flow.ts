/** Flow collections, `{a: [b, "c"]}`, without recursion: a JSON document is one. */
import { DEEPEST, type Scalar, type Scanner } from './scanner.ts'

/** Hears of the first two levels of maps: 0 is the document's own, 1 are the maps that are values of its keys. */
export interface Listener {
  /** A key of a map. `undefined`: it is no plain or quoted text (an alias, a collection, has a tag, or is written with `?`). */
  key(level: number, key: Scalar | undefined): void
  /** The value of the last key of this level. Not called for one that is left out. */
  value(level: number, value: Value): void
}

/** `other` is what a program must not guess about: an alias, or a value with a tag. */
export type Value = Scalar | 'map' | 'list' | 'block text' | 'other'

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

const DIFFERS = 'text that starts with -, ? or : inside brackets, which versions of YAML read differently'

/**
 * What may come: `item`: a key, an item, or the end; `value`: what belongs to a key, or its end without one;
 * `end`: only a comma, the end of the collection or, after a `key`, a colon.
 */
type State = 'item' | 'value' | 'key' | 'end'

/** Skips the whole flow collection that starts here. `level` is that of its keys, if it is a map. */
export function flowCollection(scanner: Scanner, level: number, listener: Listener): void {
  new Flow(scanner, level, listener).skip()
}

class Flow {
  /** The collections that are open, and what may come after each. */
  readonly #open: { readonly closing: string; readonly after: State }[] = []
  #state: State = 'end'
  /** As in JSON, a colon right behind a quote or a bracket needs no blank. */
  #isJson = false
  readonly #scanner: Scanner
  readonly #level: number
  readonly #listener: Listener

  constructor(scanner: Scanner, level: number, listener: Listener) {
    this.#scanner = scanner
    this.#level = level
    this.#listener = listener
  }

  skip(): void {
    this.#begin()
    while (this.#open.length > 0) {
      this.#skipLines()
      if (!this.#punctuation()) this.#node()
    }
  }

  /** Opens a collection, which may be a key itself. */
  #begin(): void {
    const closing = CLOSING[this.#scanner.text.charAt(this.#scanner.at++)] as string
    if (this.#level + this.#open.length >= DEEPEST)
      this.#scanner.fail(`more than ${DEEPEST} collections within each other`)
    this.#open.push({ closing, after: this.#state === 'item' ? 'key' : 'end' })
    this.#state = 'item'
  }

  /** To the next character that is no blank, line break or comment. */
  #skipLines(): void {
    const scanner = this.#scanner
    for (;;) {
      if (scanner.marker() !== undefined) scanner.fail('the end of the document inside brackets')
      scanner.skipBlanks()
      if (!scanner.isAtBreak) return
      if (scanner.isAtEnd) scanner.fail('a bracket that is not closed')
      scanner.nextLine()
    }
  }

  #punctuation(): boolean {
    const scanner = this.#scanner
    const next = scanner.text.charAt(scanner.at)
    if (next === ',') {
      if (this.#state === 'item') scanner.fail('a comma with nothing before it')
      this.#state = 'item'
    } else if (next === ':') {
      if (this.#state !== 'key' || !(this.#isJson || scanner.isColon(true))) return false
      this.#state = 'value'
    } else if (next === this.#open.at(-1)?.closing) {
      this.#state = this.#open.pop()?.after as State
      this.#isJson = true
    } else return false
    scanner.at++
    return true
  }

  /** A key, an item or a value. */
  #node(): void {
    const scanner = this.#scanner
    if (this.#state !== 'item' && this.#state !== 'value') scanner.fail('two values without a comma between them')
    const { isTagged, isAlias } = scanner.properties(() => this.#skipLines())
    const next = scanner.text.charAt(scanner.at)
    const isCollection = !isAlias && next in CLOSING
    const scalar = isAlias || isCollection ? undefined : this.#scalar()
    this.#tell(isTagged ? undefined : (scalar ?? (isCollection ? (next === '{' ? 'map' : 'list') : undefined)))
    if (isCollection) return this.#begin()
    this.#isJson = scalar?.isQuoted === true
    this.#state = this.#state === 'item' && scalar?.isMultiline !== true ? 'key' : 'end'
  }

  #tell(node: Scalar | 'map' | 'list' | undefined): void {
    const level = this.#level + this.#open.length - 1
    if (level > 1 || this.#open.at(-1)?.closing !== '}') return
    if (this.#state === 'value') this.#listener.value(level, node ?? 'other')
    else this.#listener.key(level, typeof node === 'object' ? node : undefined)
  }

  #scalar(): Scalar {
    const scanner = this.#scanner
    if (scanner.isQuote) return scanner.quoted()
    if (!scanner.isPlain(true)) scanner.fail(scanner.isPlain(false) ? DIFFERS : 'a character that no value starts with')
    const start = scanner.at
    let end = scanner.plainPart(true)
    let isMultiline = false
    while (scanner.isAtBreak && !scanner.isAtEnd) {
      scanner.nextLine()
      if (scanner.marker() !== undefined) break
      scanner.skipSpaces()
      if (scanner.isAtBreak) continue
      if (!scanner.isMorePlain(true)) break
      isMultiline = true
      end = scanner.plainPart(true)
    }
    return { raw: scanner.text.slice(start, end), isQuoted: false, isMultiline }
  }
}
