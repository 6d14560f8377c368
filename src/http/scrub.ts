/** Removes credentials from what a server says: it may repeat what it was sent, in any spelling. */

/** In place of a credential. */
const HIDDEN = '***'

/** In characters. Anything shorter would be found in any text, and is no secret. */
const SHORTEST = 4

/** In characters. So much of the beginning or the end of a credential is hidden too: a server may have cut it off. */
const BEGINNING = 8

/** In characters: the longest spelling of one. */
const LONGEST = 64

/** How often a character may have been escaped again: JSON in JSON, or a link in a link. */
const NESTED = '{0,3}'

export interface Scrub {
  /** Errors, which are shown: also without beginnings and ends of credentials, where the rest was cut off. */
  error(text: string): string
  /** Data, which decides: without whole credentials only, since a beginning may be a plain word. */
  data(text: string): string
}

/** A credential and its Base64, as patterns. */
interface Pattern {
  /** Every character in any spelling. */
  readonly characters: readonly string[]
  readonly whole: RegExp
}

/**
 * @param sent with this request
 * @param before sent with earlier requests
 * @param open what the request says openly, such as its address: no secret, even if a password is the same
 * @param isGrant whether the answer may hand out a credential that was sent before, as a token again
 */
export function scrubOf(sent: readonly string[], before: readonly string[], open: string, isGrant: boolean): Scrub {
  const hidden = (credentials: readonly string[]): Pattern[] => {
    const spelled = credentials.flatMap(encodings).toSorted((a, b) => b.length - a.length)
    return [...new Set(spelled)].map(patternOf).filter(({ whole }) => open.search(whole) === -1)
  }
  const every = hidden([...sent, ...before])
  const inData = isGrant ? hidden(sent) : every
  const whole = (text: string, patterns: readonly Pattern[]) =>
    patterns.reduce((scrubbed, pattern) => scrubbed.replace(pattern.whole, HIDDEN), text)
  return {
    data: (text) => whole(text, inData),
    error: (text) => every.reduce(withoutEnd, every.reduce(withoutBeginnings, whole(text, every))),
  }
}

/** As it is, and in Base64 of both alphabets; the padding is left out, since it may be missing. */
function encodings(credential: string): string[] {
  const text = credential.trim()
  if (text.length < SHORTEST) return []
  const bytes = Buffer.from(text, 'utf8')
  return [text, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]
}

const patterns = new Map<string, Pattern>()

function patternOf(credential: string): Pattern {
  const known = patterns.get(credential)
  if (known !== undefined) return known
  // A run of backslashes is one pattern: several in a row would take exponential time.
  const parts = credential.match(/\\+|[^\\]/gsu) ?? []
  const characters = parts.map((part, index) => spellings(part, parts[index - 1]?.startsWith('\\') === true))
  const pattern = { characters, whole: new RegExp(characters.join(''), 'gu') }
  // Tokens change every hour, and a function may live for days.
  if (patterns.size >= 100) patterns.clear()
  patterns.set(credential, pattern)
  return pattern
}

/** Hides what begins as the credential and is then cut off: 8 characters or more anywhere, 4 or more at the end. */
function withoutBeginnings(text: string, { characters }: Pattern): string {
  const first = characters.slice(0, BEGINNING)
  if (first.length < SHORTEST) return text
  const some = first.slice(SHORTEST).reduceRight((rest, each) => `(?:${each}${rest})?`, '')
  const ending = new RegExp(`${first.slice(0, SHORTEST).join('')}${some}$`, 'u')
  const scrubbed = first.length < BEGINNING ? text : withoutLong(text, first, characters)
  return scrubbed.replace(ending, HIDDEN)
}

function withoutLong(text: string, first: readonly string[], characters: readonly string[]): string {
  let scrubbed = ''
  let done = 0
  for (const { index, 0: found } of text.matchAll(new RegExp(first.join(''), 'gu'))) {
    if (index < done) continue
    let end = index + found.length
    for (const each of characters.slice(first.length)) {
      const next = new RegExp(each, 'uy')
      next.lastIndex = end
      if (!next.test(text)) break
      end = next.lastIndex
    }
    scrubbed += `${text.slice(done, index)}${HIDDEN}`
    done = end
  }
  return scrubbed + text.slice(done)
}

/** Hides what ends as the credential, 8 characters or more: a server may keep both ends of a text, or the last one. */
function withoutEnd(text: string, { characters }: Pattern): string {
  if (characters.length <= BEGINNING) return text
  const [more, last] = [characters.slice(0, -BEGINNING), characters.slice(-BEGINNING)]
  let scrubbed = ''
  let done = 0
  for (const { index, 0: found } of text.matchAll(new RegExp(last.join(''), 'gu'))) {
    let start = index
    for (const each of more.toReversed()) {
      const before = new RegExp(`${each}$`, 'u').exec(text.slice(Math.max(done, start - LONGEST), start))
      if (before === null) break
      start -= before[0].length
    }
    scrubbed += `${text.slice(done, start)}${HIDDEN}`
    done = index + found.length
  }
  return scrubbed + text.slice(done)
}

const NAMED: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }
const CONTROL: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' }

/**
 * The spellings of a character as a pattern: as it is, escaped for JSON (`\/`, `\u00fc`), for Python, for a URL (`%C3%BC`, `+`),
 * for HTML (`&#252;`), or lost in another encoding. No part of it matches in two ways that take long to tell apart.
 */
function spellings(character: string, afterBackslash: boolean): string {
  if (/^[a-z0-9]$/i.test(character)) return character
  if (character.startsWith('\\')) {
    const length = character.length
    // With those that escape what follows: `\"` in JSON in JSON has seven.
    return `(?:\\\\{${length},${4 * length + 4}}|${spelledOut('\\').repeat(length)})`
  }
  const escaped = `\\u{${character.codePointAt(0)!.toString(16)}}`
  const control = CONTROL[character]
  const more = [
    ...(control === undefined ? [] : [`\\\\{1,4}${control}`]),
    ...(character === ' ' ? ['\\+'] : []),
    ...(character > '\u007f' ? ['[?\\ufffd]'] : []),
  ]
  return `(?:${[spelledOut(character), `${afterBackslash ? '' : '\\\\{0,4}'}${escaped}`, ...more].join('|')})`
}

/** Its escapes that consist of digits or a name. */
function spelledOut(character: string): string {
  const code = character.codePointAt(0)!
  const bytes = [...Buffer.from(character, 'utf8')]
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const named = NAMED[character]
  return `(?:${[
    bytes.map((byte) => `%(?:25)${NESTED}${hex(byte, 2)}`).join(''),
    units.map((unit) => `\\\\{1,4}u${hex(unit, 4)}`).join(''),
    bytes.map((byte) => `\\\\{1,4}x${hex(byte, 2)}`).join(''),
    `&(?:amp;)${NESTED}(?:#0{0,6}${code}|#[xX]0{0,6}${hex(code, 1)}${named === undefined ? '' : `|${named}`});`,
  ].join('|')})`
}

/** A number in hexadecimal, in any case of letters. */
function hex(number: number, digits: number): string {
  const text = number.toString(16).padStart(digits, '0')
  return text.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}
