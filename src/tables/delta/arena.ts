/** The decoded paths of many files, as UTF-8 back to back, so that a path costs its bytes and no object. */
import { BrokenAction } from './actions.ts'
import { decodePath } from './paths.ts'

/** Chunks have 2^22 bytes. An address is the chunk's number and the offset in it, in 32 bits. */
const CHUNK_BITS = 22
const CHUNK = 1 << CHUNK_BITS
const FIRST_CHUNK = 1 << 16
/** Bytes, percent-encoded. */
export const LONGEST_PATH = CHUNK
const PERCENT = 0x25
const CAREFUL = -1

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
/** Nothing that is stored or shown depends on it. */
const SECRET = crypto.getRandomValues(new Int32Array(1))[0] as number

export class PathArena {
  /** The first one is small, since most tables are. */
  readonly #chunks: Uint8Array[] = [new Uint8Array(FIRST_CHUNK)]
  #chunk = this.#chunks[0] as Uint8Array
  #free = 0

  /**
   * Decodes the percent-encoded path `bytes[start..end]` into the free space, without keeping it; returns its length. Throws
   * for what is not UTF-8.
   */
  place(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length > LONGEST_PATH) throw new BrokenAction(`path: expected at most ${LONGEST_PATH} bytes, found ${length}`)
    if (this.#free + length > this.#chunk.length) {
      this.#chunk = new Uint8Array(CHUNK)
      this.#chunks.push(this.#chunk)
      this.#free = 0
    }
    const decoded = decodeAscii(bytes, start, end, this.#chunk, this.#free)
    if (decoded !== CAREFUL) return decoded
    const careful = encoder.encode(decodePath(utf8.decode(bytes.subarray(start, end))))
    this.#chunk.set(careful, this.#free)
    return careful.length
  }

  /** Keeps the placed path; returns its address. */
  keep(length: number): number {
    const address = ((this.#chunks.length - 1) << CHUNK_BITS) | this.#free
    this.#free += length
    return address >>> 0
  }

  /**
   * FNV-1a of the placed path and the deletion vector, from a secret beginning: otherwise a writer can choose paths of one hash,
   * and each would be compared with all before it.
   */
  hash(length: number, vector: string | undefined): number {
    const chunk = this.#chunk
    let hash = SECRET
    for (let at = this.#free, end = this.#free + length; at < end; at += 1)
      hash = Math.imul(hash ^ (chunk[at] as number), 0x01000193)
    if (vector !== undefined)
      for (let at = 0; at < vector.length; at += 1) hash = Math.imul(hash ^ vector.charCodeAt(at), 0x01000193)
    return hash ^ (hash >>> 15)
  }

  /** Whether the placed path equals the one at `address`, which has the same length. */
  isAt(address: number, length: number): boolean {
    const kept = this.#chunks[address >>> CHUNK_BITS] as Uint8Array
    const from = address & (CHUNK - 1)
    for (let at = 0; at < length; at += 1) if (kept[from + at] !== this.#chunk[this.#free + at]) return false
    return true
  }

  text(address: number, length: number): string {
    const from = address & (CHUNK - 1)
    return utf8.decode((this.#chunks[address >>> CHUNK_BITS] as Uint8Array).subarray(from, from + length))
  }
}

/** Copies ASCII and decodes its escapes; anything else needs {@link decodePath}. */
function decodeAscii(bytes: Uint8Array, start: number, end: number, chunk: Uint8Array, free: number): number {
  let to = free
  for (let at = start; at < end; at += 1) {
    let byte = bytes[at] as number
    if (byte === PERCENT) {
      byte = at + 2 < end ? (hexDigit(bytes[at + 1] as number) << 4) | hexDigit(bytes[at + 2] as number) : CAREFUL
      at += 2
    }
    if (byte < 0 || byte > 0x7f) return CAREFUL
    chunk[to] = byte
    to += 1
  }
  return to - free
}

/** Negative for what is not a digit. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : CAREFUL
}
