/** The pieces of a YAML text: blanks, comments, quoted and plain scalars. Each character is looked at once. */

/** Why a text is not read, for its writer. */
export class Unreadable extends Error {}

/** Collections within each other. PyYAML, which reads the file in the end, recurses: Python stops it at about 300. */
export const DEEPEST = 250
/** Characters of a key without `?`, in PyYAML and in YAML 1.2. */
export const LONGEST_KEY = 1024

/** A scalar as written, quotes included. */
export interface Scalar {
  readonly raw: string
  /** Plain text may stand for a number or `null`; quoted text never does. */
  readonly isQuoted: boolean
  readonly isMultiline: boolean
}

const END = -1
const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const HASH = 35
const DOUBLE = 34
const SINGLE = 39
const DASH = 45
const DOT = 46
export const COLON = 58
export const QUESTION = 63
const BACKSLASH = 92

const flowIndicators = new Set(Array.from(',[]{}', (one) => one.charCodeAt(0)))
/** What a plain scalar cannot start with, besides `-`, `?` and `:` before a blank. */
const indicators = new Set(Array.from(',[]{}#&*!|>\'"%@`', (one) => one.charCodeAt(0)))
/** What may follow a backslash: YAML 1.2, "Escaped Characters". */
const escapes = new Set(Array.from('0abt\tnvfre "/\\N_LPxuU\n\r', (one) => one.charCodeAt(0)))
/** An anchor, an alias or a tag without a prefix, up to a blank or an indicator. */
const PROPERTY = /[&*][A-Za-z0-9_-]+|![^\s,[\]{}<]*/y
const properties = new Set(Array.from('&*!', (one) => one.charCodeAt(0)))
/** YAML 1.2 has it as a blank, PyYAML only inside quotes, block text and comments. */
const A_TAB = 'a tab outside of quotes'
const UNUSUAL = 'an anchor, alias or tag with unusual characters'
/** At the start of a line, these end a document. */
const MARKER = /(?:---|\.\.\.)(?=\s|$)/y

const isBreak = (code: number): boolean => code === LF || code === CR || code === END
const isBlank = (code: number): boolean => code === SPACE || code === TAB || isBreak(code)
const isFlowIndicator = (code: number): boolean => flowIndicators.has(code)

export class Scanner {
  at = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** The character code at an offset from here; -1 at the end. */
  code(offset = 0): number {
    const at = this.at + offset
    return at < this.text.length ? this.text.charCodeAt(at) : END
  }

  /** Whether the next character is an indicator for itself: `- `, `? `, `: `. */
  isIndicator(code: number): boolean {
    return this.code() === code && isBlank(this.code(1))
  }

  get isDash(): boolean {
    return this.isIndicator(DASH)
  }

  get isAtBreak(): boolean {
    return isBreak(this.code())
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  fail(reason: string): never {
    let line = 1
    for (let next = this.text.indexOf('\n'); next !== -1 && next < this.at; next = this.text.indexOf('\n', next + 1))
      line++
    throw new Unreadable(`line ${line}: ${reason}`)
  }

  /** Skips spaces. How many. */
  skipSpaces(): number {
    const start = this.at
    while (this.code() === SPACE) this.at++
    return this.at - start
  }

  /** Skips spaces, and a comment if there is one. */
  skipBlanks(): void {
    this.skipSpaces()
    if (this.code() === TAB) this.fail(A_TAB)
    if (this.code() !== HASH) return
    if (this.at > 0 && !isBlank(this.code(-1))) this.fail('a comment without a blank before it')
    this.toBreak()
  }

  /** Goes to the next line, if here is nothing more on this one. */
  endLine(): void {
    this.skipBlanks()
    if (!this.isAtBreak) this.fail('text behind the end of a value')
    this.nextLine()
  }

  /** To the end of this line. */
  toBreak(): void {
    const found = this.text.indexOf('\n', this.at)
    this.at = found === -1 ? this.text.length : found
  }

  /** Past the line break here. */
  nextLine(): void {
    if (this.code() === CR) this.at++
    if (this.code() === LF) this.at++
  }

  /** `---` or `...`, if here is the start of a line. */
  marker(): '---' | '...' | undefined {
    // Asked at every line: most begin with a letter.
    if (this.code() !== DASH && this.code() !== DOT) return undefined
    if (this.at > 0 && this.code(-1) !== LF) return undefined
    MARKER.lastIndex = this.at
    return MARKER.exec(this.text)?.[0] as '---' | '...' | undefined
  }

  /** Skips the anchor and the tag of a value, or an alias in its place. `skip` goes to what comes next. */
  properties(skip: () => void): { readonly isTagged: boolean; readonly isAlias: boolean } {
    let isTagged = false
    let isAnchored = false
    while (properties.has(this.code())) {
      PROPERTY.lastIndex = this.at
      const property = PROPERTY.exec(this.text)?.[0]
      if (property === undefined) return this.fail(UNUSUAL)
      const isAlias = property.startsWith('*')
      if (property.startsWith('!') ? isTagged : isAnchored) this.fail('two anchors or tags for one value')
      if (property.startsWith('!')) isTagged = true
      else isAnchored = true
      this.at += property.length
      if (!isBlank(this.code()) && !(isAlias && isFlowIndicator(this.code()))) this.fail(UNUSUAL)
      if (isAlias) return { isTagged, isAlias }
      skip()
    }
    return { isTagged, isAlias: false }
  }

  get isQuote(): boolean {
    return this.code() === DOUBLE || this.code() === SINGLE
  }

  quoted(): Scalar {
    const start = this.at
    const quote = this.code()
    let isMultiline = false
    for (this.at++; ; this.at++) {
      const code = this.code()
      if (code === END) this.fail('a quote that is not closed')
      if (code === quote) {
        if (quote === DOUBLE || this.code(1) !== SINGLE) break
        this.at++
      } else if (code === BACKSLASH && quote === DOUBLE) {
        if (!escapes.has(this.code(1))) this.fail('an unknown escape in a quoted text')
        // A line break is looked at next, since a marker may follow it.
        if (!isBreak(this.code(1))) this.at++
      } else if (code === LF) {
        isMultiline = true
        this.at++
        if (this.marker() !== undefined) this.fail('the end of the document inside quotes')
        this.at--
      }
    }
    this.at++
    return { raw: this.text.slice(start, this.at), isQuoted: true, isMultiline }
  }

  /** Whether a plain scalar can start here. */
  isPlain(inFlow: boolean): boolean {
    const code = this.code()
    if (isBlank(code) || indicators.has(code)) return false
    if (code !== DASH && code !== QUESTION && code !== COLON) return true
    // In a flow collection, versions of YAML differ on `?` and `:` before text.
    return inFlow ? code === DASH && !isBlank(this.code(1)) && !isFlowIndicator(this.code(1)) : !isBlank(this.code(1))
  }

  /** Whether plain text goes on here, in a line after its first. */
  isMorePlain(inFlow: boolean): boolean {
    return this.code() !== HASH && !this.isColon(inFlow) && !(inFlow && isFlowIndicator(this.code()))
  }

  /** Whether here is the colon between a key and its value. */
  isColon(inFlow: boolean): boolean {
    return this.code() === COLON && (isBlank(this.code(1)) || (inFlow && isFlowIndicator(this.code(1))))
  }

  /** Skips plain text up to `: `, ` #`, the end of the line or, in a flow collection, an indicator. Returns where it ends without blanks. */
  plainPart(inFlow: boolean): number {
    let end = this.at
    for (; ; this.at++) {
      const code = this.code()
      if (code === SPACE) continue
      if (code === TAB) this.fail(A_TAB)
      if (isBreak(code) || (inFlow && isFlowIndicator(code))) break
      if (code === COLON && this.isColon(inFlow)) break
      if (code === HASH && end < this.at) break
      end = this.at + 1
    }
    return end
  }
}
