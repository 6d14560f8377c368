import type { Mutator, Seed } from './parser.ts'
import { type Random, randomOf } from './random.ts'

const encoder = new TextEncoder()

/** Numbers at which sizes, counts and versions go wrong. */
const NUMBERS = [
  0,
  -1,
  1,
  127,
  128,
  255,
  256,
  65535,
  65536,
  33e6,
  1e8,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
]
const NUMBER_TEXTS = [
  ...NUMBERS.map(String),
  '9223372036854775807',
  '-9223372036854775808',
  '1e999',
  '-0',
  '1.5',
  '00',
  '0x10',
  'null',
  '""',
  '[]',
  '{}',
]
const BYTES = [0, 1, 0x0a, 0x0d, 0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xef, 0xfe, 0xff]
/** Zig-zag or plain variable-length numbers, as Thrift and Avro have them: large, negative, too long, without an end. */
const VARINTS = [
  [255, 255, 255, 255, 15],
  [254, 255, 255, 255, 15],
  [128, 128, 128, 128, 16],
  [...Array<number>(9).fill(255), 1],
  [...Array<number>(9).fill(254), 1],
  Array<number>(12).fill(255),
  [1],
  [128],
  [191, 132, 61],
  [128, 136, 222, 31],
].map((bytes) => Uint8Array.from(bytes))
const NESTS = ['[', '{"a":', '[{"a":', '{"type":', '{"type":{"type":', '"', '\\', ',', '\n', '- ', ' ', '%'].map(
  (text) => encoder.encode(text),
)

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** `bytes` with `from`..`to` replaced by `part`. */
function spliced(bytes: Uint8Array, from: number, to: number, part: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, from), part, bytes.subarray(Math.max(from, to)))
}

function slice(bytes: Uint8Array, random: Random, most: number): readonly [from: number, to: number] {
  const from = random.below(bytes.length)
  return [from, Math.min(bytes.length, from + 1 + random.below(most))]
}

function overwritten(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy.set(part.subarray(0, Math.max(0, copy.length - at)), at)
  return copy
}

function repeated(part: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(part.length * times)
  for (let at = 0; at < times; at += 1) whole.set(part, at * part.length)
  return whole
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

const flipBits: Mutator = (bytes, random) => {
  const copy = bytes.slice()
  for (let n = 1 + random.below(3); n > 0 && copy.length > 0; n -= 1) {
    const at = random.below(copy.length)
    copy[at] = copy[at]! ^ (1 << random.below(8))
  }
  return copy
}

const setByte: Mutator = (bytes, random) =>
  overwritten(bytes, random.below(bytes.length), Uint8Array.of(random.one(BYTES)))
const randomBytes: Mutator = (bytes, random) => {
  const [from, to] = slice(bytes, random, 8)
  return overwritten(
    bytes,
    from,
    Uint8Array.from({ length: to - from }, () => random.below(256)),
  )
}
const truncate: Mutator = (bytes, random) => bytes.subarray(0, random.below(bytes.length))
const cutOut: Mutator = (bytes, random) => spliced(bytes, ...slice(bytes, random, 64), new Uint8Array(0))
const repeatSlice: Mutator = (bytes, random) => {
  const [from, to] = slice(bytes, random, 64)
  return spliced(bytes, to, to, repeated(bytes.subarray(from, to), 1 + random.below(random.one([2, 8, 64]))))
}
const takeFromOther: Mutator = (bytes, random, other) => {
  const [from, to] = slice(other, random, 128)
  const at = random.below(bytes.length)
  return spliced(bytes, at, at + random.one([0, to - from]), other.subarray(from, to))
}
const headAndTail: Mutator = (bytes, random, other) =>
  joined(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length)))

/** A number in the text becomes another value. */
const editNumber: Mutator = (bytes, random) => {
  const start = random.below(bytes.length)
  for (let seen = 0; seen < bytes.length; seen += 1) {
    const from = (start + seen) % bytes.length
    if (!isDigit(bytes[from])) continue
    let to = from
    while (isDigit(bytes[to])) to += 1
    return spliced(bytes, from, to, encoder.encode(random.one(NUMBER_TEXTS)))
  }
  return setByte(bytes, random, bytes)
}

/** A value in JSON becomes one of another type. */
const editValue: Mutator = (bytes, random) => {
  const start = random.below(bytes.length)
  for (let seen = 0; seen < bytes.length; seen += 1) {
    const from = (start + seen) % bytes.length
    if (bytes[from] !== 0x3a) continue
    let to = from + 1
    while (to < bytes.length && bytes[to] !== 0x2c && bytes[to] !== 0x7d) to += 1
    return spliced(bytes, from + 1, to, encoder.encode(random.one(NUMBER_TEXTS)))
  }
  return setByte(bytes, random, bytes)
}

const forgeInteger: Mutator = (bytes, random) => {
  const part = new Uint8Array(random.one([4, 8]))
  const view = new DataView(part.buffer)
  const value = BigInt(random.one(NUMBERS.filter(Number.isSafeInteger)))
  if (part.length === 8) view.setBigInt64(0, value, random.below(2) === 0)
  else view.setInt32(0, Number(BigInt.asIntN(32, value)), random.below(4) > 0)
  return overwritten(bytes, random.below(bytes.length), part)
}

const forgeVarint: Mutator = (bytes, random) => {
  const part = random.one(VARINTS)
  const at = random.below(bytes.length)
  return random.below(2) === 0 ? overwritten(bytes, at, part) : spliced(bytes, at, at + 1, part)
}

const nest: Mutator = (bytes, random) => {
  const at = random.below(bytes.length)
  return spliced(bytes, at, at, repeated(random.one(NESTS), 1 + random.below(random.one([4, 64, 2_000]))))
}

const GENERAL: readonly Mutator[] = [
  flipBits,
  flipBits,
  setByte,
  setByte,
  randomBytes,
  truncate,
  cutOut,
  repeatSlice,
  takeFromOther,
  headAndTail,
  editNumber,
  editNumber,
  editValue,
  editValue,
  forgeInteger,
  forgeVarint,
  forgeVarint,
  nest,
]

/** Longer ones are cut: repeats of repeats would measure the maker, not the parser. */
const LONGEST = 256 * 1024

/** Input `index` of a run. The first ones are the seeds, unchanged. */
export function makeInput(
  seeds: readonly Seed[],
  own: readonly Mutator[],
  seed: number,
  index: number,
): { readonly bytes: Uint8Array; readonly seed: Seed; readonly changed: boolean } {
  const whole = index < seeds.length ? seeds[index] : undefined
  if (whole !== undefined) return { bytes: whole.wrap?.(whole.bytes) ?? whole.bytes, seed: whole, changed: false }
  const random = randomOf(seed, index)
  const from = random.one(seeds)
  let bytes = from.bytes
  for (let n = 1 + random.below(random.one([1, 2, 5])); n > 0 && bytes.length > 0; n -= 1) {
    const mutate = own.length > 0 && random.below(3) === 0 ? random.one(own) : random.one(GENERAL)
    const other = random.one(seeds).bytes
    bytes = mutate(bytes, random, other.length === 0 ? bytes : other).subarray(0, LONGEST)
  }
  return { bytes: from.wrap?.(bytes) ?? bytes, seed: from, changed: true }
}
