import { readFileSync } from 'node:fs'
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { MemoryStore } from '../table-store.twin.ts'
import { inferParquet } from '../../../src/reactions/catalog-files/infer/parquet.ts'
import { readSnapshot } from '../../../src/tables/delta/snapshot.ts'
import { decompressors } from '../../../src/tables/node/decompressors.ts'
import { eachBytes, eachEntry, listAt, numbers, ParquetFile } from '../../../src/tables/parquet/file.ts'
import {
  access,
  CODEC,
  column,
  dataPage,
  dictionaryPage,
  ENCODING,
  file,
  type Forged,
  i32,
  i64,
  list,
} from './forged.ts'
import { struct, text, type Value, varint } from './forged.ts'

const MIB = 1024 * 1024
const quick = 1000

/** The message, if it came in time. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  const started = Date.now()
  const message = await work().then(
    () => 'it was read',
    (error: unknown) => (error as Error).message,
  )
  const took = Date.now() - started
  return took < quick ? message : `it took ${took} ms: ${message}`
}

const infer = (bytes: Uint8Array) => refusal(() => inferParquet(access(bytes)))

async function decode(forged: Forged): Promise<void> {
  const parquet = await ParquetFile.open(access(column(forged)), decompressors)
  const [leaf] = await parquet.fetch(0, [['c']])
  if (forged.repetition === 2) {
    listAt(leaf!, 0)
    eachEntry(leaf!, leaf!, () => undefined)
  } else if (forged.type === 'bytes') eachBytes(leaf!, () => undefined)
  else numbers(leaf!)
}

const root = struct({ 4: text('root'), 5: i32(1) })
const leaf = struct({ 1: i32(1), 4: text('c') })
const footer = (schema: Value, groups: Value = list(12, []), more: Readonly<Record<number, Value>> = {}) =>
  file(struct({ 2: schema, 4: groups, ...more }).bytes)
/** A footer that has `value` in a field which no reader needs. */
const unused = (value: Value) => footer(list(12, [root, leaf]), list(12, []), { 9: value })
const nested = (depth: number, inner: Value): Value => (depth === 0 ? inner : nested(depth - 1, list(9, [inner])))
/** A list of `count` elements of one byte each: empty structs. */
const empties = (count: number): Value => ({
  type: 9,
  bytes: [0xfc, ...varint(count), ...Array.from({ length: count }, () => 0)],
})

describe('a footer', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['claims lists of 33 million elements within each other', unused(nested(10, list(9, [], 33_000_000))), /33000000/],
    ['claims more columns than it has bytes', footer(list(12, [root, leaf], 2 ** 31)), /2147483648 is claimed/],
    ['claims a name that is longer than it', footer(list(12, [struct({ 4: text('root', 2 ** 32) })])), /is claimed/],
    [
      'claims a group of a billion columns',
      footer(list(12, [struct({ 4: text('r'), 5: i32(1e9) })])),
      /at most 200000/,
    ],
    ['claims a negative number of columns', footer(list(12, [struct({ 4: text('r'), 5: i32(-1) })])), /found -1/],
    ['has a million empty columns', footer(empties(MIB)), /a column has no name/],
    ['has a million empty row groups', footer(list(12, [root, leaf]), empties(MIB)), /it was read/],
    ['has lists within lists without end', unused(nested(5000, list(9, []))), /nested more than 32 levels/],
    ['ends within a group', footer(list(12, [root])), /1 columns are missing in root/],
    ['has two roots', footer(list(12, [root, leaf, leaf])), /more than one root/],
    ['has no schema', file(struct({ 1: i32(1) }).bytes), /no schema/],
    ['has a number of eleven bytes', file([0x16, ...Array.from({ length: 11 }, () => 0xff), 0]), /more than 10 bytes/],
    ['has a name that is not UTF-8', footer(list(12, [struct({ 4: { type: 8, bytes: [1, 0xff] } })])), /not valid/],
    ['is empty', file([]), /ends within a struct/],
  ])('that %s is judged at once', async (_, bytes, expected) => {
    expect(await infer(bytes)).toMatch(expected)
  })

  test('of more than 32 MB has its schema at the beginning, which is all that is read', async () => {
    const large = footer(list(12, [root, leaf]), list(12, []), { 9: text('x'.repeat(34 * MIB)) })
    const asked: number[] = []
    const { byteLength, slice } = access(large)
    const watched = { byteLength, slice: (from: number, to = 0) => (asked.push(to - from), slice(from, to)) }
    expect((await inferParquet(watched)).fields).toHaveLength(1)
    expect(Math.max(...asked)).toBe(32 * MIB)
  })

  test('is encrypted, and says so', async () => {
    const bytes = footer(list(12, [root, leaf]))
    bytes.set(new TextEncoder().encode('PARE'), bytes.length - 4)
    expect(await infer(bytes)).toContain('its footer is encrypted')
  })

  test('that is nested as deeply as the limit is read, and one level more is not', async () => {
    const deep = (levels: number) => {
      const groups = Array.from({ length: levels }, (_, at) => struct({ 4: text(`g${at}`), 5: i32(1) }))
      return footer(list(12, [...groups, leaf]))
    }
    expect(await infer(deep(100))).toBe('it was read')
    expect(await infer(deep(101))).toContain('levels of nested columns: expected at most 100')
  })
})

const bomb = Buffer.alloc(16 * MIB)
const huge = (packed: Uint8Array, claimed = 65 * MIB): Forged => ({
  pages: [[dataPage(1, claimed, packed.length), packed]],
})
const four = new Uint8Array(4)
const run = (count: number, level: number) => [...varint(count * 2), level]
const withLength = (bytes: readonly number[]) => [bytes.length, 0, 0, 0, ...bytes]

describe('a page', () => {
  const zstd = zstdCompressSync(bomb)
  const gzip = gzipSync(bomb)
  test.each<[string, Forged, RegExp]>([
    ['claims 65 MiB', huge(four), /at most 67108864, found 68157440/],
    ['decompresses to more than it claims, by ZSTD', { ...huge(zstd, 4), codec: CODEC.ZSTD }, /larger than 4 bytes/],
    ['decompresses to more than it claims, by GZIP', { ...huge(gzip, 4), codec: CODEC.GZIP }, /larger than 4 bytes/],
    [
      'decompresses to more than it claims, by Snappy',
      { ...huge(Uint8Array.from([...varint(700 * MIB), 0, 1, 2, 3]), 4), codec: CODEC.SNAPPY },
      /Snappy block of 734003200 bytes, expected 4/,
    ],
    [
      'decompresses to more than it claims, by LZ4',
      {
        ...huge(Uint8Array.from([0x1f, 7, 1, 0, ...Array.from({ length: 100_000 }, () => 255), 0]), 4),
        codec: CODEC.LZ4_RAW,
      },
      /compressed block is damaged/,
    ],
    ['is not what its codec makes', { ...huge(deflateRawSync(four), 4), codec: CODEC.GZIP }, /incorrect header/],
    ['is of an unknown codec', { ...huge(four, 4), codec: 99 }, /compression number 99/],
    ['is of a codec with the name of a property', { ...huge(four, 4), codec: 3 }, /compression LZO is not supported/],
    [
      'claims more bytes than the chunk has',
      { pages: [[dataPage(1, 4, 2 ** 30), four]] },
      /at most 4, found 1073741824/,
    ],
    ['claims a negative size', { pages: [[dataPage(1, 4, -4), four]] }, /found -4/],
    ['claims more values than rows', { pages: [[dataPage(2 ** 31 - 1, 4, 4), four]] }, /found 2147483647/],
    [
      'has fewer bytes than values',
      { rows: 2, pages: [[dataPage(2, 4, 4), four]] },
      /numbers of a page: expected at most 1/,
    ],
    [
      'has a run of two billion values, times a thousand',
      {
        repetition: 1,
        rows: 100,
        pages: [
          [
            dataPage(100, 4010, 4010),
            [...withLength([]), ...Array.from({ length: 1000 }, () => run(2 ** 30, 0)).flat()],
          ],
        ],
      },
      /end early/,
    ],
    [
      'has a dictionary of two billion entries',
      { pages: [[dictionaryPage(2 ** 31 - 1, 4, 4), four]] },
      /expected at most 8388608, found 2147483647/,
    ],
    [
      'has an index beyond its dictionary',
      {
        pages: [
          [dictionaryPage(1, 4, 4), four],
          [dataPage(1, 3, 3, ENCODING.DICTIONARY), [1, ...run(1, 1)]],
        ],
      },
      /dictionary has no entry 1/,
    ],
    [
      'has deltas in two billion parts',
      { rows: 9, pages: [[dataPage(9, 9, 9, ENCODING.DELTA_BINARY), [...varint(128), ...varint(2 ** 31), 9, 0]]] },
      /is cut off|2147483648 parts|expected at most/,
    ],
    [
      'has blocks of no deltas',
      { rows: 9, pages: [[dataPage(9, 6, 6, ENCODING.DELTA_BINARY), [0, 0, 9, 0, 0, 0]]] },
      /a block of 0 deltas/,
    ],
    [
      'has strings whose lengths are negative',
      {
        type: 'bytes',
        rows: 1,
        pages: [[dataPage(1, 5, 5, ENCODING.DELTA_LENGTH), [...varint(128), 4, 1, 3]]],
      },
      /bytes of a byte string: expected at most 0, found -2|expected at most/,
    ],
    [
      'has a string that runs beyond it',
      { type: 'bytes', pages: [[dataPage(1, 4, 4), [255, 255, 255, 255]]] },
      /beyond its page/,
    ],
    [
      'is of another kind than the column',
      { type: 'bytes', pages: [[dataPage(1, 4, 4, 9), four]] },
      /encoding BYTE_STREAM/,
    ],
  ])('that %s is refused at once', async (_, forged, expected) => {
    expect(await refusal(() => decode(forged))).toMatch(expected)
  })

  test('whose strings each repeat the one before stays within a page’s bytes', async () => {
    const count = 100_000
    // One long string, and then strings of no byte of their own.
    const lengths = (values: readonly number[]) => delta(values)
    const long = 50_000
    const prefixes = lengths([0, ...Array.from({ length: count - 1 }, () => long)])
    const suffixes = lengths([long, ...Array.from({ length: count - 1 }, () => 0)])
    const body = Uint8Array.from([...prefixes, ...suffixes, ...Array.from({ length: long }, () => 97)])
    const pages: Forged['pages'] = [[dataPage(count, body.length, body.length, ENCODING.DELTA_BYTES), body]]
    expect(await refusal(() => decode({ type: 'bytes', rows: count, pages }))).toMatch(
      /bytes of the byte strings of a page: expected at most 67108864/,
    )
  })
})

/** DELTA_BINARY_PACKED with 32 bits for each delta. */
function delta(values: readonly number[]): number[] {
  const zig = (value: number) => varint(value < 0 ? -value * 2 - 1 : value * 2)
  const bytes = [...varint(128), 1, ...varint(values.length), ...zig(values[0] ?? 0)]
  for (let from = 1; from < values.length; from += 128) {
    const deltas = Array.from({ length: 128 }, (_, at) => (values[from + at] ?? 0) - (values[from + at - 1] ?? 0))
    const least = Math.min(...deltas)
    bytes.push(...zig(least), 32)
    for (const each of deltas) for (let bit = 0; bit < 32; bit += 8) bytes.push(((each - least) >>> bit) & 255)
  }
  return bytes
}

describe('a file', () => {
  test('that decompresses to gigabytes, page by page, is refused when it is not worth it', async () => {
    const zeros = zstdCompressSync(Buffer.alloc(32 * MIB))
    const pages = Array.from({ length: 100 }, (): Forged['pages'][number] => [
      dataPage(1, 32 * MIB, zeros.length),
      zeros,
    ])
    expect(await refusal(() => decode({ rows: 100, codec: CODEC.ZSTD, pages }))).toMatch(/256 times its size/)
  })

  test.each<[string, Partial<Forged>, RegExp]>([
    ['a row group of a trillion rows', { rows: 1e12 }, /rows of a row group: expected at most 2097152/],
    ['a billion values of a list', { repetition: 2, values: 1e9 }, /values of column c: expected at most 67108864/],
    ['more values than rows', { values: 2 }, /values of column c: expected at most 1/],
    ['a column of 2 GB', { size: 2 ** 31 }, /bytes of the columns of a row group: expected at most 536870912/],
  ])('that claims %s is refused at once', async (_, claims, expected) => {
    expect(await refusal(() => decode({ pages: [[dataPage(1, 4, 4), four]], ...claims }))).toMatch(expected)
  })
})

test('forged files are Parquet: without a false claim they are read', async () => {
  const parquet = await ParquetFile.open(
    access(column({ rows: 2, pages: [[dataPage(2, 8, 8), [1, 0, 0, 0, 2, 0, 0, 0]]] })),
    decompressors,
  )
  const [found] = await parquet.fetch(0, [['c']])
  expect([...numbers(found!)]).toEqual([1, 2])
  expect(i64(3).bytes).toEqual([6])
})

test('the header of a page may have the longest value of the page in its statistics, as old versions of delta-rs write it', async () => {
  const long = struct({ 1: text('x'.repeat(2 * MIB)) })
  const header = struct({
    1: i32(0),
    2: i32(4),
    3: i32(4),
    5: struct({ 1: i32(1), 2: i32(0), 3: i32(3), 4: i32(3), 5: long }),
  })
  expect(await refusal(() => decode({ pages: [[header, four]] }))).toBe('it was read')
})

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/hostile/${name}`, import.meta.url)))

describe('files that ended a function', () => {
  test('65 bytes that claim lists of 33 million elements in each other are unreadable', async () => {
    const error = await inferParquet(access(fixture('nested-lists.parquet'))).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'files-unreadable' })
  })

  test('a checkpoint of 26 kB with a page of 700 MB is broken', async () => {
    const store = new MemoryStore()
    store.put('_delta_log/00000000000000000010.checkpoint.parquet', fixture('page-of-700-mb.checkpoint.parquet'))
    const error = await readSnapshot(store).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'broken-checkpoint',
      message: expect.stringContaining('expected at most 67108864, found 700000020'),
    })
  })
})
