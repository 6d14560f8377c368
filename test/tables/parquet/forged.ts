/** Parquet files that claim anything, for tests: Thrift's compact protocol by hand, with sizes that need not be true. */
import type { RandomAccess } from '../../../src/tables/store.ts'

type Bytes = readonly number[]

/** A Thrift value: its type, and its bytes. */
export interface Value {
  readonly type: number
  readonly bytes: Bytes
}

export function varint(value: number | bigint): Bytes {
  const bytes: number[] = []
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 0x80n) return [...bytes, Number(left)]
    bytes.push(Number(left & 0x7fn) | 0x80)
  }
}

const zigzag = (value: number | bigint): Bytes => {
  const big = BigInt(value)
  return varint(big < 0n ? -big * 2n - 1n : big * 2n)
}

export const i32 = (value: number): Value => ({ type: 5, bytes: zigzag(value) })
export const i64 = (value: number | bigint): Value => ({ type: 6, bytes: zigzag(value) })
export const text = (value: string, claimed?: number): Value => {
  const bytes = [...new TextEncoder().encode(value)]
  return { type: 8, bytes: [...varint(claimed ?? bytes.length), ...bytes] }
}
export const struct = (fields: Readonly<Record<number, Value>>): Value => {
  let last = 0
  const bytes = Object.entries(fields).flatMap(([id, { type, bytes: own }]) => {
    const step = Number(id) - last
    last = Number(id)
    return step > 0 && step < 16 ? [(step << 4) | type, ...own] : [type, ...zigzag(Number(id)), ...own]
  })
  return { type: 12, bytes: [...bytes, 0] }
}
export const list = (type: number, items: readonly Value[], claimed = items.length): Value => ({
  type: 9,
  bytes: [0xf0 | type, ...varint(claimed), ...items.flatMap(({ bytes }) => bytes)],
})

/** A file with this footer. */
export function file(footer: Bytes, body: Bytes | Uint8Array = []): Uint8Array {
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, footer.length, true)
  const magic = new TextEncoder().encode('PAR1')
  return Uint8Array.from([...magic, ...body, ...footer, ...size, ...magic])
}

/** Column chunks begin here: after the magic number. */
const BODY = 4
const INT32 = 1
const BYTE_ARRAY = 6
export const CODEC = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, ZSTD: 6, LZ4_RAW: 7 } as const
export const ENCODING = { PLAIN: 0, DELTA_BINARY: 5, DELTA_LENGTH: 6, DELTA_BYTES: 7, DICTIONARY: 8 } as const

export interface Forged {
  readonly type?: 'number' | 'bytes'
  readonly repetition?: 0 | 1 | 2
  readonly rows?: number
  readonly values?: number
  readonly codec?: number
  readonly size?: number
  readonly pages: readonly (readonly [header: Value, body: Bytes | Uint8Array])[]
}

/** A file of one column `c` with these pages. */
export function column({ type = 'number', repetition = 0, rows = 1, values = rows, codec = 0, size, pages }: Forged) {
  const body = Buffer.concat(
    pages.flatMap(([header, bytes]) => [Uint8Array.from(header.bytes), Uint8Array.from(bytes)]),
  )
  const kind = i32(type === 'number' ? INT32 : BYTE_ARRAY)
  const schema = list(12, [
    struct({ 4: text('root'), 5: i32(1) }),
    struct({ 1: kind, 3: i32(repetition), 4: text('c') }),
  ])
  const meta = struct({
    1: kind,
    2: list(5, [i32(0)]),
    3: list(8, [text('c')]),
    4: i32(codec),
    5: i64(values),
    6: i64(body.length),
    7: i64(size ?? body.length),
    9: i64(BODY),
  })
  const group = struct({ 1: list(12, [struct({ 2: i64(0), 3: meta })]), 2: i64(body.length), 3: i64(rows) })
  return file(struct({ 1: i32(1), 2: schema, 3: i64(rows), 4: list(12, [group]) }).bytes, body)
}

/** The header of a data page. */
export const dataPage = (values: number, size: number, compressed: number, encoding: number = ENCODING.PLAIN): Value =>
  struct({
    1: i32(0),
    2: i32(size),
    3: i32(compressed),
    5: struct({ 1: i32(values), 2: i32(encoding), 3: i32(3), 4: i32(3) }),
  })

export const dictionaryPage = (values: number, size: number, compressed: number): Value =>
  struct({ 1: i32(2), 2: i32(size), 3: i32(compressed), 7: struct({ 1: i32(values), 2: i32(0) }) })

export const access = (bytes: Uint8Array): RandomAccess => ({
  byteLength: bytes.length,
  slice: async (start, end) => Uint8Array.from(bytes.subarray(start, end)).buffer,
})
