/**
 * The fast path for the bulk of a log: a line with one plain `add` or `remove` is read straight from its bytes, without an
 * object for it. Anything unusual (white space, escapes in a path, a deletion vector, statistics in another order) is left
 * to `JSON.parse`; a property test checks that both agree.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN = 0x7b
const CLOSE = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const NEWLINE = 0x0a

const encoder = new TextEncoder()
const ADD = encoder.encode('{"add":{')
const REMOVE = encoder.encode('{"remove":{')
const PATH = encoder.encode('"path":')
const SIZE = encoder.encode('"size":')
const STATS = encoder.encode('"stats":')
const PARTITION_VALUES = encoder.encode('"partitionValues":')
const DELETION_VECTOR = encoder.encode('"deletionVector":')
const NUM_RECORDS = encoder.encode('"{\\"numRecords\\":')
const NULL = encoder.encode('null')

/** Not a plain line: parse it as JSON. */
const UNUSUAL = -1

/** Holds the values of the last line, which are valid until the next call. */
export class FileLineScanner {
  isAdd = false
  /** The bounds of the path, which is ASCII and still percent-encoded. */
  pathStart = 0
  pathEnd = 0
  /** Bytes; only of an `add`. */
  size = 0
  /** NaN where the statistics do not have it. */
  rows = Number.NaN
  /** The bounds of the partition values' JSON object; equal where there is none. */
  partitionStart = 0
  partitionEnd = 0
  #bytes: Uint8Array = new Uint8Array(0)

  /** Reads the line that begins at `start`; returns where the next one begins, or -1 when the line is not plain. */
  scan(bytes: Uint8Array, start: number): number {
    this.#bytes = bytes
    this.isAdd = begins(bytes, start, ADD)
    if (!this.isAdd && !begins(bytes, start, REMOVE)) return UNUSUAL
    this.pathStart = UNUSUAL
    this.size = UNUSUAL
    this.rows = Number.NaN
    this.partitionStart = 0
    this.partitionEnd = 0
    let at = start + (this.isAdd ? ADD.length : REMOVE.length)
    for (;;) {
      at = this.#field(at)
      if (at === UNUSUAL) return UNUSUAL
      if (bytes[at] === CLOSE) break
      if (bytes[at] !== COMMA) return UNUSUAL
      at += 1
    }
    if (bytes[at + 1] !== CLOSE || this.pathStart === UNUSUAL || (this.isAdd && this.size === UNUSUAL)) return UNUSUAL
    if (at + 2 === bytes.length) return at + 2
    return bytes[at + 2] === NEWLINE ? at + 3 : UNUSUAL
  }

  /** One `"name":value`; returns where it ends. Switches on the name's first letter, which is fastest. */
  #field(at: number): number {
    const bytes = this.#bytes
    switch (bytes[at + 1] as number) {
      case 0x70: // p
        if (begins(bytes, at, PATH)) return this.#path(at + PATH.length)
        if (begins(bytes, at, PARTITION_VALUES)) return this.#partitionValues(at + PARTITION_VALUES.length)
        break
      case 0x73: // s
        if (begins(bytes, at, STATS))
          return this.isAdd ? this.#stats(at + STATS.length) : skipValue(bytes, at + STATS.length)
        if (begins(bytes, at, SIZE))
          return this.isAdd ? this.#size(at + SIZE.length) : skipValue(bytes, at + SIZE.length)
        if (bytes[at + 6] === 0x5f) return UNUSUAL // stats_parsed
        break
      case 0x64: // d
        if (begins(bytes, at, DELETION_VECTOR)) {
          const value = at + DELETION_VECTOR.length
          return begins(bytes, value, NULL) ? value + NULL.length : UNUSUAL
        }
        break
      default:
    }
    const colon = skipString(bytes, at)
    return colon === UNUSUAL || bytes[colon] !== COLON ? UNUSUAL : skipValue(bytes, colon + 1)
  }

  #path(at: number): number {
    const bytes = this.#bytes
    if (bytes[at] !== QUOTE) return UNUSUAL
    let end = at + 1
    for (let byte = bytes[end] as number; byte !== QUOTE; byte = bytes[(end += 1)] as number)
      if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e || byte === undefined) return UNUSUAL
    this.pathStart = at + 1
    this.pathEnd = end
    return end + 1
  }

  #size(at: number): number {
    const end = this.#digits(at)
    if (end === UNUSUAL) return UNUSUAL
    this.size = this.#number
    return end
  }

  #stats(at: number): number {
    const bytes = this.#bytes
    if (begins(bytes, at, NULL)) {
      this.rows = Number.NaN
      return at + NULL.length
    }
    if (!begins(bytes, at, NUM_RECORDS)) return UNUSUAL
    const end = this.#digits(at + NUM_RECORDS.length)
    if (end === UNUSUAL || (bytes[end] !== COMMA && bytes[end] !== CLOSE)) return UNUSUAL
    this.rows = this.#number
    return skipString(bytes, at)
  }

  #partitionValues(at: number): number {
    this.partitionStart = at
    this.partitionEnd = this.#bytes[at] === OPEN ? skipValue(this.#bytes, at) : UNUSUAL
    return this.partitionEnd
  }

  #number = 0

  /** At most 15 digits, which a double holds exactly. */
  #digits(at: number): number {
    const bytes = this.#bytes
    let value = 0
    let end = at
    for (let byte = bytes[end] as number; byte >= 0x30 && byte <= 0x39; byte = bytes[(end += 1)] as number)
      value = value * 10 + (byte - 0x30)
    const leadingZero = bytes[at] === 0x30 && end > at + 1
    if (end === at || end - at > 15 || leadingZero) return UNUSUAL
    this.#number = value
    return end
  }
}

function begins(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index += 1) if (bytes[at + index] !== expected[index]) return false
  return true
}

/** From the opening quote to past the closing one. */
function skipString(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return UNUSUAL
  for (let end = at + 1; end < bytes.length; end += 1) {
    const byte = bytes[end] as number
    if (byte === QUOTE) return end + 1
    if (byte === BACKSLASH) end += 1
    else if (byte < 0x20) return UNUSUAL
  }
  return UNUSUAL
}

/** A value of any kind. Only its brackets and strings are checked, not its grammar. */
function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0
  for (let end = at; end < bytes.length;) {
    const byte = bytes[end] as number
    if (byte === QUOTE) {
      end = skipString(bytes, end)
      if (end === UNUSUAL) return UNUSUAL
      if (depth === 0) return end
    } else if (byte === OPEN || byte === OPEN_LIST) {
      depth += 1
      end += 1
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (depth === 0) return end > at ? end : UNUSUAL
      depth -= 1
      end += 1
      if (depth === 0) return end
    } else if (byte <= 0x20) return UNUSUAL
    else if (byte === COMMA && depth === 0) return end > at ? end : UNUSUAL
    else end += 1
  }
  return UNUSUAL
}
