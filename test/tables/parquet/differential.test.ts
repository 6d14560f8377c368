/** What hyparquet-writer writes is read as hyparquet reads it. */
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parquetReadObjects, type SchemaElement, snappyUncompress } from 'hyparquet'
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer'
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { decompressors } from '../../../src/tables/node/decompressors.ts'
import { readDeltas, readHybrid } from '../../../src/tables/parquet/encodings.ts'
import { eachBytes, eachEntry, numbers, ParquetFile } from '../../../src/tables/parquet/file.ts'
import { decompressSnappy } from '../../../src/tables/parquet/snappy.ts'
import { access } from './forged.ts'

const view = (bytes: Uint8Array) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
})

test('runs of equal and of packed values', () => {
  const run = fc.record({ value: fc.nat(), times: fc.integer({ min: 1, max: 40 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(run, { minLength: 1, maxLength: 30 }), (width, runs) => {
      const values = runs.flatMap(({ value, times }) => Array.from({ length: times }, () => value % 2 ** width))
      const writer = new ByteWriter()
      writeRleBitPackedHybrid(writer, values, width)
      const bytes = new Uint8Array(writer.getBuffer())
      const theirs = new Uint32Array(values.length)
      readRleBitPackedHybrid(view(bytes), width, theirs, bytes.length)
      const ours = new Uint32Array(values.length)
      readHybrid(bytes, width, ours)
      expect([...ours]).toEqual(values)
      expect([...theirs]).toEqual(values)
    }),
  )
})

test('deltas of 32 and of 64 bits', () => {
  const longs = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(longs, fc.boolean(), (values, small) => {
      const kept = small ? values.map((value) => BigInt.asIntN(32, value)) : values
      const writer = new ByteWriter()
      deltaBinaryPack(writer, small ? kept.map(Number) : kept, small ? 'INT32' : 'INT64')
      writer.appendUint8(7)
      const bytes = new Uint8Array(writer.getBuffer())
      const output = () => (small ? new Int32Array(kept.length) : new BigInt64Array(kept.length))
      const [ours, theirs] = [output(), output()]
      const cursor = { bytes, at: 0 }
      readDeltas(cursor, ours)
      deltaBinaryUnpack(view(bytes), kept.length, theirs)
      expect([...ours].map(String)).toEqual(kept.map(String))
      expect([...theirs].map(String)).toEqual(kept.map(String))
      // What comes behind them, such as the strings of these lengths, is found.
      expect(bytes[cursor.at]).toBe(7)
    }),
  )
})

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a', 'abc', 'abcabcabc'.repeat(30), ''))
const ENCODINGS = ['PLAIN', 'RLE_DICTIONARY', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY', undefined] as const
const NUMBERS = ['PLAIN', 'RLE_DICTIONARY', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT', undefined] as const
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const

const tables = fc.record({
  rows: fc.array(
    fc.record({
      s: fc.option(text, { nil: null }),
      n: fc.option(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), { nil: null }),
      i: fc.option(fc.integer(), { nil: null }),
      m: fc.option(fc.dictionary(text, fc.option(text, { nil: null }), { maxKeys: 4 }), { nil: null }),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  strings: fc.constantFrom(...ENCODINGS),
  numbers: fc.constantFrom(...NUMBERS),
  codec: fc.constantFrom(...CODECS),
  rowGroupSize: fc.integer({ min: 1, max: 100 }),
  pageSize: fc.constantFrom(1, 100, 100_000),
})

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 4 },
  { name: 's', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'n', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 'i', type: 'INT32', repetition_type: 'OPTIONAL' },
  { name: 'm', converted_type: 'MAP', repetition_type: 'OPTIONAL', num_children: 1 },
  { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
  { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'value', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
]

const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)),
}
const undo = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)),
  ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)),
  SNAPPY: (bytes: Uint8Array, size: number) => {
    const output = new Uint8Array(size)
    snappyUncompress(bytes, output)
    return output
  },
}

type Row = Record<string, unknown>

async function ours(bytes: Uint8Array): Promise<Row[]> {
  const file = await ParquetFile.open(access(bytes), decompressors)
  const map = file.mapLeaves(['m'])!
  const rows: Row[] = []
  for (const [group, count] of file.groups.entries()) {
    const found = Array.from({ length: count }, (): Row => ({ s: null, n: null, i: null, m: {} }))
    const [s, n, i, key, value] = await file.fetch(group, [['s'], ['n'], ['i'], map.key, map.value])
    eachBytes(s!, (row, at, from, to) => (found[row]!['s'] = new TextDecoder().decode(at.subarray(from, to))))
    for (const [name, leaf] of [['n', n] as const, ['i', i] as const])
      for (const [row, number] of numbers(leaf!).entries()) found[row]![name] = Number.isNaN(number) ? null : number
    eachEntry(key!, value!, (row, name, text) => {
      ;(found[row]!['m'] as Row)[`key ${name}`] = text
    })
    rows.push(...found)
  }
  return rows
}

async function theirs(bytes: Uint8Array): Promise<Row[]> {
  const rows = (await parquetReadObjects({ file: access(bytes), compressors: undo, utf8: true })) as Row[]
  return rows.map(({ s, n, i, m }) => ({
    s: s ?? null,
    n: n === null || n === undefined ? null : Number(n),
    i: i ?? null,
    m: Object.fromEntries(Object.entries(m ?? {}).map(([name, value]) => [`key ${name}`, value ?? null])),
  }))
}

test('columns in every encoding, codec and size of groups and pages', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, strings, numbers: ints, codec, rowGroupSize, pageSize }) => {
      const bytes = new Uint8Array(
        parquetWriteBuffer({
          schema: SCHEMA,
          columnData: [
            { name: 's', data: rows.map(({ s }) => s), encoding: strings },
            { name: 'n', data: rows.map(({ n }) => n), encoding: ints },
            { name: 'i', data: rows.map(({ i }) => i), encoding: ints },
            { name: 'm', data: rows.map(({ m }) => m) },
          ],
          codec,
          compressors,
          rowGroupSize,
          pageSize,
        }),
      )
      const found = await ours(bytes)
      expect(found).toEqual(await theirs(bytes))
      expect(found.map(({ s }) => s)).toEqual(rows.map(({ s }) => s))
    }),
    { numRuns: 300 },
  )
})

test('Snappy, cut and changed: hyparquet’s answer or an error', () => {
  const change = fc.record({ at: fc.nat(), to: fc.nat(255) })
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 40 }),
      fc.array(change, { maxLength: 3 }),
      fc.option(fc.nat()),
      (words, changes, end) => {
        const raw = new TextEncoder().encode(words.join(''))
        const packed = snappyCompress(raw)
        expect(decompressSnappy(packed, raw.length)).toEqual(raw)
        for (const { at, to } of changes) if (packed.length > 0) packed[at % packed.length] = to
        const cut = end === null ? packed : packed.subarray(0, end % (packed.length + 1))
        try {
          expect(decompressSnappy(cut, raw.length)).toHaveLength(raw.length)
        } catch (error) {
          expect((error as Error).message).toMatch(/damaged|expected/)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
