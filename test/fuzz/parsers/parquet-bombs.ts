import type { Bomb } from '../parser.ts'

const MAGIC = [0x50, 0x41, 0x52, 0x31]

/** A Parquet file of this footer alone. */
function footerFile(footer: Uint8Array): Uint8Array {
  const file = new Uint8Array(footer.length + 12)
  file.set(MAGIC)
  file.set(footer, 4)
  new DataView(file.buffer).setUint32(4 + footer.length, footer.length, true)
  file.set(MAGIC, footer.length + 8)
  return file
}

/** Thrift's compact protocol: a variable-length number. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** The header of a list of `size` elements of a type, as Thrift's compact protocol has it. */
const list = (size: number, type: number): number[] => [0xf0 | type, ...varint(size)]
const STRUCT = 0x0c
const LIST = 0x09

/** FileMetaData: version 1, a schema of one column, no rows; then its field 4, `row_groups`, or another one. */
const BEGINNING = [
  0x15, 0x02, 0x19, 0x2c, 0x48, 4, 0x72, 0x6f, 0x6f, 0x74, 0x15, 2, 0, 0x15, 2, 0x25, 2, 0x18, 1, 0x61, 0,
]
const ROWS = [0x16, 0]

function repeat(part: readonly number[], count: number): Uint8Array {
  const bytes = new Uint8Array(part.length * count)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = part[at % part.length]!
  return bytes
}

const concat = (...parts: (readonly number[] | Uint8Array)[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))))

/** Footers whose sizes are a lie, or whose many small parts are not. */
export function forgedFooters(place: string, answers: readonly string[]): Bomb[] {
  const footers: Readonly<Record<string, () => Uint8Array>> = {
    'nested lists of 33 million elements each': () =>
      concat(BEGINNING, ROWS, [0x19], ...Array.from({ length: 10 }, () => list(33_000_000, LIST)), [0]),
    'a list of two billion row groups': () => concat(BEGINNING, ROWS, [0x19], list(2 ** 31 - 1, STRUCT), [0]),
    'a list of two billion booleans in a field that nobody knows': () =>
      concat(BEGINNING, ROWS, [0xe9], list(2 ** 31 - 1, 1), [0]),
    'four million empty row groups': () =>
      concat(BEGINNING, ROWS, [0x19], list(4_000_000, STRUCT), repeat([0], 4_000_000), [0]),
    'four million empty structs in a field that nobody knows': () =>
      concat(BEGINNING, ROWS, [0xe9], list(4_000_000, STRUCT), repeat([0], 4_000_000), [0]),
    'four million empty elements of the schema': () =>
      concat([0x15, 0x02, 0x19], list(4_000_000, STRUCT), repeat([0], 4_000_000), [0x16, 0, 0x19, 0x0c, 0]),
    'structs nested a million deep': () => concat(BEGINNING, ROWS, [0xec], repeat([0x1c], 1_000_000)),
    'lists nested a million deep': () => concat(BEGINNING, ROWS, [0xe9], repeat([0x19], 1_000_000)),
    'a schema nested a hundred thousand deep': () => {
      const group = [0x48, 1, 0x67, 0x15, 2, 0]
      return concat(
        [0x15, 0x02, 0x19],
        list(100_001, STRUCT),
        repeat(group, 100_000),
        [0x15, 2, 0x25, 2, 0x18, 1, 0x61, 0],
        [0x16, 0, 0x19, 0x0c, 0],
      )
    },
    'a text of two gigabytes': () => concat([0x15, 0x02, 0x19, 0x1c, 0x48], varint(2 ** 31 - 1), [0x61]),
    'a footer of nothing': () => new Uint8Array(0),
  }
  return Object.entries(footers).map(([name, make]) => ({ name, place, answers, make: () => footerFile(make()) }))
}
