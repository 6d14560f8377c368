/**
 * Thrift's compact protocol, in which Parquet writes its footer and page headers (thrift-compact-protocol.md). A list is never
 * believed to be longer than the bytes that are left, and what is not asked for is skipped without memory.
 */

const FALSE = 2
const BYTE = 3
const I16 = 4
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const MAP = 11
const STRUCT = 12
const UUID = 13

/** Structs within structs. Parquet's own go to 8. */
const DEEPEST = 32

const utf8 = new TextDecoder('utf-8', { fatal: true })

export class ThriftReader {
  /** Where the next byte is read. */
  offset: number
  readonly #bytes: Uint8Array
  /** The type of the value that is read next. */
  #type = STRUCT
  #depth = 0

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes
    this.offset = offset
  }

  /** Another reader of the value that comes next, for later. */
  fork(): ThriftReader {
    const fork = new ThriftReader(this.#bytes, this.offset)
    fork.#type = this.#type
    return fork
  }

  /**
   * Reads a struct. `take` reads the value of the field with this id and returns true; any other field is skipped. What comes
   * after `enough` is not read.
   */
  struct(take: (id: number) => boolean | 'enough'): void {
    this.#expect(this.#type === STRUCT, 'a struct')
    this.#depth += 1
    if (this.#depth > DEEPEST) throw new Error(`structs are nested more than ${DEEPEST} levels deep`)
    let id = 0
    for (let header = this.#byte(); header !== 0; header = this.#byte()) {
      const step = header >> 4
      this.#type = header & 0x0f
      id = step === 0 ? this.#zigzag() : id + step
      const taken = take(id)
      if (taken === 'enough') break
      if (!taken) this.skip()
    }
    this.#depth -= 1
  }

  /** Reads a list. `take` is called before each element and reads it. Returns how many there are. */
  list(take: () => void): number {
    this.#expect(this.#type === LIST, 'a list')
    const [count, type] = this.#listHeader()
    for (let at = 0; at < count; at += 1) {
      this.#type = type
      take()
    }
    return count
  }

  /** A whole number. @throws Error for one beyond 2^52, which no size or position in a file is */
  integer(): number {
    this.#expect(this.#type >= BYTE && this.#type <= I64, 'a whole number')
    return this.#type === BYTE ? (this.#byte() << 24) >> 24 : this.#zigzag()
  }

  /** A field of type boolean, which has its value in its header. */
  boolean(): boolean {
    this.#expect(this.#type <= FALSE, 'a boolean')
    return this.#type !== FALSE
  }

  /** @throws TypeError for what is not UTF-8 */
  text(): string {
    this.#expect(this.#type === BINARY, 'a string')
    const length = this.#length()
    this.offset += length
    return utf8.decode(this.#bytes.subarray(this.offset - length, this.offset))
  }

  /** Skips a value of any type, also of those that Parquet does not use yet. */
  skip(): void {
    switch (this.#type) {
      case BYTE:
        return this.#advance(1)
      case DOUBLE:
        return this.#advance(8)
      case UUID:
        return this.#advance(16)
      case BINARY:
        return this.#advance(this.#length())
      case STRUCT:
        return this.struct(() => false)
      case LIST:
      case SET: {
        const [count, type] = this.#listHeader()
        return this.#skipAll(count, [type])
      }
      case MAP: {
        const count = this.#length()
        const types = count === 0 ? 0 : this.#byte()
        return this.#skipAll(count, [types >> 4, types & 0x0f])
      }
      default:
        if (this.#type > I64) throw new Error(`there is no Thrift type ${this.#type}`)
        if (this.#type >= I16) this.#varint()
    }
  }

  #skipAll(count: number, types: readonly number[]): void {
    this.#depth += 1
    if (this.#depth > DEEPEST) throw new Error(`lists are nested more than ${DEEPEST} levels deep`)
    for (let at = 0; at < count; at += 1)
      for (const type of types) {
        // Within a list, a boolean is a byte.
        this.#type = type <= FALSE ? BYTE : type
        this.skip()
      }
    this.#depth -= 1
  }

  #listHeader(): readonly [count: number, type: number] {
    const header = this.#byte()
    const short = header >> 4
    const count = short === 15 ? this.#length() : short
    this.#require(count)
    return [count, header & 0x0f]
  }

  /** A length in bytes or elements. Every element takes a byte or more, so there cannot be more than bytes are left. */
  #length(): number {
    const length = this.#varint()
    this.#require(length)
    return length
  }

  #require(count: number): void {
    const left = this.#bytes.length - this.offset
    if (count > left) throw new Error(`a string or list of ${count} is claimed where ${left} bytes are left`)
  }

  #zigzag(): number {
    const value = this.#varint()
    if (value > Number.MAX_SAFE_INTEGER) throw new Error('a number is beyond 2^52')
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #varint(): number {
    let value = 0
    let scale = 1
    for (let length = 0; length < 10; length += 1) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new Error('a number has more than 10 bytes')
  }

  #byte(): number {
    const byte = this.#bytes[this.offset]
    if (byte === undefined) throw new Error('it ends within a struct')
    this.offset += 1
    return byte
  }

  #advance(count: number): void {
    this.#require(count)
    this.offset += count
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) throw new Error(`expected ${what}, found Thrift type ${this.#type}`)
  }
}
