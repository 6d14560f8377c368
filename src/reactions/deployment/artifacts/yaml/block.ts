/**
 * The structure of a YAML document, without its values: for files of which a program needs a few keys.
 *
 * Time is linear in the text and memory does not grow with it, whatever it says; nothing recurses. What YAML 1.1 (PyYAML) and 1.2
 * read differently, and what no program writes, is refused rather than guessed. What is skipped is not checked any further: an
 * alias may be unknown, a key may be there twice.
 */
import { skipBlockText } from './block-text.ts'
import { flowCollection, type Listener, type Value } from './flow.ts'
import { COLON, DEEPEST, LONGEST_KEY, QUESTION, type Scalar, Scanner } from './scanner.ts'

/** PyYAML allows no control characters, and ends lines at NEL, LS and PS; libraries differ on CR alone and on byte order marks inside. */
// oxlint-disable-next-line no-control-regex
const UNREADABLE = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\x85\u2028\u2029\uFEFF]|\r(?!\n)/

/**
 * Tells the keys of a document's own map, and of the maps that are its values, in their order.
 *
 * @param text without a byte order mark
 * @throws {Unreadable} if the text is no YAML, its document is no map, or it is written in a way that is not supported
 */
export function readOutline(text: string, listener: Listener): void {
  const scanner = new Scanner(text)
  const odd = UNREADABLE.exec(text)
  if (odd !== null) {
    scanner.at = odd.index
    scanner.fail(`the character U+${odd[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
  }
  new Block(scanner, listener).read()
}

/** What comes before a value: an anchor, a tag, or an alias in its place. */
interface Node {
  readonly isTagged: boolean
  readonly isAlias: boolean
}

/** A map or list that is open: its entries start at this column. */
interface Collection {
  readonly kind: 'map' | 'list'
  readonly column: number
  /** The last entry of a map is a key after `?`, so its value comes after `:` in a line of its own. */
  isExplicit: boolean
}

class Block {
  readonly #open: Collection[] = []
  /** Whether the last entry, or the document, may still get a value. */
  #isPending = true
  /** The pending value has a tag. */
  #isTagged = false
  #lineStart = 0
  readonly #scanner: Scanner
  readonly #listener: Listener

  constructor(scanner: Scanner, listener: Listener) {
    this.#scanner = scanner
    this.#listener = listener
  }

  read(): void {
    const scanner = this.#scanner
    let isBegun = false
    while (this.#toContent()) {
      const marker = scanner.marker()
      if (marker === '...') return this.#end()
      if (marker !== undefined) {
        if (isBegun) scanner.fail('a second document')
        scanner.at += marker.length
        this.#inlineValue()
      } else this.#line()
      isBegun = true
    }
    this.#checkRoot()
  }

  #checkRoot(): void {
    if (this.#isPending && this.#open.length === 0) this.#scanner.fail('an empty document')
  }

  #end(): void {
    this.#checkRoot()
    this.#scanner.at += '...'.length
    this.#scanner.endLine()
    if (this.#toContent()) this.#scanner.fail('text behind the end of the document')
  }

  get #parent(): number {
    return this.#open.at(-1)?.column ?? -1
  }

  /** To the first character of the next line that has more than a comment; `false` if there is none. */
  #toContent(): boolean {
    const scanner = this.#scanner
    for (;;) {
      this.#lineStart = scanner.at
      scanner.skipBlanks()
      if (!scanner.isAtBreak) return true
      if (scanner.isAtEnd) return false
      scanner.nextLine()
    }
  }

  /** An entry of a list or map. More may begin in its line: `- - a: b`. */
  #line(): void {
    const scanner = this.#scanner
    for (let opens = this.#opens(scanner.at - this.#lineStart); ; opens = true) {
      const column = scanner.at - this.#lineStart
      if (scanner.isDash) this.#entry('list', column, opens)
      else if (scanner.isIndicator(QUESTION)) {
        this.#entry('map', column, opens).isExplicit = true
        this.#tellKey(undefined)
      } else if (scanner.isIndicator(COLON)) {
        const map = this.#open.at(-1)
        if (opens || map?.isExplicit !== true) return scanner.fail('a colon without a key')
        map.isExplicit = false
      } else return this.#keyOrValue(column, opens)
      scanner.at++
      this.#isPending = true
      if (this.#isRestBlank()) return
    }
  }

  /** Goes to the next line if here is nothing more than a comment on this one. */
  #isRestBlank(): boolean {
    this.#scanner.skipBlanks()
    if (!this.#scanner.isAtBreak) return false
    this.#scanner.nextLine()
    return true
  }

  /** Whether the entry in this column begins the value that is pending. If not, closes the collections that end before it. */
  #opens(column: number): boolean {
    const scanner = this.#scanner
    if (this.#isPending) {
      // The entries of a list may start in the column of its key.
      const isList = scanner.isDash && this.#open.at(-1)?.kind === 'map' && this.#parent === column
      if (column > this.#parent || isList) return true
    }
    this.#isPending = false
    this.#isTagged = false
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      if (top.column < column || (top.column === column && (top.kind === 'map' || scanner.isDash))) break
      this.#open.pop()
    }
    if (this.#parent !== column) scanner.fail('text that belongs to nothing, by its indentation')
    return false
  }

  #entry(kind: Collection['kind'], column: number, opens: boolean): Collection {
    if (opens) {
      this.#tellValue(kind)
      if (this.#open.length >= DEEPEST) this.#scanner.fail(`more than ${DEEPEST} collections within each other`)
      this.#open.push({ kind, column, isExplicit: false })
    }
    const top = this.#open.at(-1) as Collection
    if (top.kind !== kind) this.#scanner.fail(`${kind === 'list' ? 'an item' : 'a key'} in a ${top.kind}`)
    top.isExplicit = false
    return top
  }

  /** The first text of a line or entry: a key if a colon follows, else the whole value of what is above it. */
  #keyOrValue(column: number, opens: boolean): void {
    const scanner = this.#scanner
    const start = scanner.at
    const node = this.#properties()
    if (node === undefined) return opens ? undefined : scanner.fail('an anchor or a tag without a value')
    const scalar = node.isAlias ? undefined : this.#scalar()
    const end = scanner.at
    if (scalar !== undefined || node.isAlias) scanner.skipSpaces()
    if (!scanner.isColon(false)) {
      if (!opens) scanner.fail('text where a key should be')
      scanner.at = end
      return this.#value(node, scalar)
    }
    if (scalar?.isMultiline === true || end - start > LONGEST_KEY) scanner.fail('a key that is too long')
    this.#entry('map', column, opens)
    this.#tellKey(node.isTagged ? undefined : scalar)
    scanner.at++
    this.#isPending = true
    this.#inlineValue()
  }

  /** The value behind a key, in its line; a list or map of its own cannot begin there. */
  #inlineValue(): void {
    if (this.#isRestBlank()) return
    const node = this.#properties()
    if (node !== undefined) this.#value(node, node.isAlias ? undefined : this.#scalar())
  }

  /** `undefined` if the line ends behind them: they belong to what the next lines say. */
  #properties(): Node | undefined {
    const start = this.#scanner.at
    const node = this.#scanner.properties(() => this.#scanner.skipBlanks())
    if (node.isAlias || this.#scanner.at === start || !this.#isRestBlank()) return node
    this.#isTagged ||= node.isTagged
    return undefined
  }

  /** Quoted text, or the first line of plain text; `undefined` if here is something else. */
  #scalar(): Scalar | undefined {
    const scanner = this.#scanner
    if (scanner.isQuote) return scanner.quoted()
    if (!scanner.isPlain(false)) return undefined
    const start = scanner.at
    const raw = scanner.text.slice(start, scanner.plainPart(false))
    return { raw, isQuoted: false, isMultiline: false }
  }

  /** The rest of a value whose properties and first text were read, with the end of its line. */
  #value({ isTagged, isAlias }: Node, first: Scalar | undefined): void {
    const scanner = this.#scanner
    this.#isTagged ||= isTagged
    const next = scanner.text.charAt(scanner.at)
    if (isAlias) this.#tellValue('other')
    else if (first !== undefined) this.#tellValue(first.isQuoted ? first : this.#morePlain(first))
    else if (next === '{' || next === '[') {
      this.#tellValue(next === '{' ? 'map' : 'list')
      flowCollection(scanner, this.#open.length, this.#listener)
    } else if (next === '|' || next === '>') {
      this.#tellValue('block text')
      skipBlockText(scanner, this.#parent)
    } else scanner.fail('a character that no value starts with')
    this.#isPending = false
    this.#isTagged = false
    if (next !== '|' && next !== '>') scanner.endLine()
  }

  /** Goes on with plain text in the next lines, which are indented. */
  #morePlain(first: Scalar): Scalar {
    const scanner = this.#scanner
    let end = scanner.at
    let isMultiline = false
    while (scanner.isAtBreak && !scanner.isAtEnd) {
      scanner.nextLine()
      const indentation = scanner.skipSpaces()
      if (scanner.isAtBreak) continue
      if (indentation <= this.#parent || !scanner.isMorePlain(false)) break
      scanner.plainPart(false)
      if (scanner.isColon(false)) scanner.fail('a key inside a text, or in several lines')
      isMultiline = true
      end = scanner.at
    }
    scanner.at = end
    return { ...first, isMultiline }
  }

  #tellKey(key: Scalar | undefined): void {
    if (this.#open.length <= 2) this.#listener.key(this.#open.length - 1, key)
  }

  #tellValue(value: Value): void {
    const told = this.#isTagged ? 'other' : value
    const map = this.#open.at(-1)
    if (map === undefined) {
      if (told !== 'map') this.#scanner.fail('no map')
    } else if (map.kind === 'map' && this.#open.length <= 2) this.#listener.value(this.#open.length - 1, told)
    this.#isTagged = false
  }
}
