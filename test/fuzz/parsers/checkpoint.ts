import { brotliCompressSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import {
  add,
  classicKey,
  commitKey,
  features,
  key,
  lines,
  metaData,
  pad,
  parquet,
  remove,
  UUID,
  vector,
  writtenAt,
} from '../../tables/delta/log-builder.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import type { Parser, Seed } from '../parser.ts'
import { LOG_ANSWERS, readWhole } from './delta-log.ts'
import { bombsAt, fixture, gzip, members, MIB, zstd } from './fixtures.ts'
import { chunkParts, parquetParts } from './parquet-parts.ts'
import { forgedFooters } from './parquet-bombs.ts'

const VERSION = 4
const classic = classicKey(VERSION)
const part = key(`${pad(VERSION)}.checkpoint.0000000002.0000000002.parquet`)
const otherPart = key(`${pad(VERSION)}.checkpoint.0000000001.0000000002.parquet`)
const manifest = key(`${pad(VERSION)}.checkpoint.${UUID}.parquet`)
const sidecar = key('_sidecars/a.parquet')

const ofDeltaRs = fixture('fuzz/delta/00000000000000000004.checkpoint.parquet')
const adds = [
  add('dt=1/a', { partitionValues: { dt: '1' } }),
  add('dt=2/b', { ...vector('v', 3), partitionValues: { dt: '2' } }),
  remove('c'),
]
const head = [
  features(['deletionVectors', 'v2Checkpoint'], ['deletionVectors', 'v2Checkpoint', 'appendOnly']),
  metaData({ partitionColumns: ['day'], configuration: { a: 'b' } }),
]
const whole = parquet([...head, ...adds])
const compressed = parquet([...head, ...adds], { zstd: true })
const named = parquet([...head, { sidecar: { path: 'a.parquet', sizeInBytes: 1, modificationTime: 0 } }])

const SOUGHT = /add.path|add.size|partitionValues|stats|deletionVector|metaData|protocol|sidecar.path/

const seeds: Seed[] = [
  ...parquetParts('of delta-rs', ofDeltaRs, classic, 'read'),
  ...chunkParts('of delta-rs', ofDeltaRs, classic, 'read', /add.path|add.stats|schemaString/),
  { name: 'with ZSTD pages', bytes: compressed, place: classic, answer: 'read' },
  ...parquetParts('with deletion vectors', whole, classic, 'read'),
  ...chunkParts('with deletion vectors', whole, classic, 'read', SOUGHT),
  ...parquetParts('of two parts', parquet(adds), part, 'read'),
  ...parquetParts('a manifest', named, manifest, 'read'),
  ...parquetParts('a sidecar', parquet(adds), sidecar, 'read'),
]

const otherHalf = parquet([...head, add('dt=1/a', { partitionValues: { dt: '1' } })])

/** A log that needs the checkpoint: the commits before it are gone. */
function logWith(input: Uint8Array, place: string): MemoryStore {
  const store = new MemoryStore()
  store.put(commitKey(VERSION), lines([add('d')]), writtenAt(VERSION))
  store.put(commitKey(VERSION + 1), lines([add('e')]), writtenAt(VERSION + 1))
  if (place === part) store.put(otherPart, otherHalf, writtenAt(VERSION))
  if (place === sidecar) store.put(manifest, named, writtenAt(VERSION))
  if (place === manifest) store.put(sidecar, otherHalf, writtenAt(VERSION))
  store.put(place, input, writtenAt(VERSION))
  return store
}

const BROKEN = ['broken-checkpoint']
const answers = [...LOG_ANSWERS, ...BROKEN]

/** A checkpoint whose pages of `schemaString` are these bytes, whatever their header says. */
function withPages(
  codec: 'ZSTD' | 'GZIP' | 'SNAPPY' | 'LZ4_RAW' | 'BROTLI',
  page: () => Uint8Array,
  rows = 1,
): () => Uint8Array {
  return () => {
    const made = page()
    return new Uint8Array(
      parquetWriteBuffer({
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'metaData', repetition_type: 'OPTIONAL', num_children: 2 },
          { name: 'id', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
          { name: 'schemaString', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
        ],
        columnData: [
          { name: 'metaData', data: Array.from({ length: rows }, () => ({ id: 'x', schemaString: 'y'.repeat(200) })) },
        ],
        codec,
        compressors: { [codec]: () => made },
      }),
    )
  }
}

const zeros = (mib: number) => new Uint8Array(mib * MIB)
/** One literal, then copies of 64 bytes from one byte before: Snappy's format description, "Copy with 2-byte offset". */
const snappy = (mib: number) => {
  const copies = Buffer.alloc((3 * (mib * MIB)) / 64)
  for (let at = 0; at < copies.length; at += 3) copies.set([0xfe, 1, 0], at)
  const size: number[] = []
  let rest = mib * MIB + 1
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) size.push((rest & 0x7f) | 0x80)
  return new Uint8Array(Buffer.concat([Uint8Array.from([...size, rest, 0, 0]), copies]))
}
/** One literal, and a match that is as long as its length bytes say (LZ4 block format). */
const lz4 = (mib: number) => {
  const lengths = new Uint8Array(Math.floor((mib * MIB) / 255)).fill(255)
  return new Uint8Array(Buffer.concat([Uint8Array.from([0x1f, 0, 1, 0]), lengths, Uint8Array.of(0)]))
}

const bomb = bombsAt(classic, BROKEN)

/** `catalog`, `announce` and `job` have the same memory. */
export const checkpoint: Parser = {
  name: 'checkpoint',
  lambda: 'catalog',
  seeds,
  answers,
  run: (input, place) => readWhole(logWith(input, place), input),
  bombs: [
    ...forgedFooters(classic, BROKEN),
    bomb('700 MB in one ZSTD page whose header says so', () => fixture('hostile/page-of-700-mb.checkpoint.parquet')),
    bomb(
      '700 MB in one ZSTD page',
      withPages('ZSTD', () => members(zstd(zeros(16)), 44)),
    ),
    bomb(
      'one frame of 512 MB in a ZSTD page',
      withPages('ZSTD', () => zstd(zeros(512))),
    ),
    bomb(
      '700 MB in one GZIP page',
      withPages('GZIP', () => members(gzip(zeros(16)), 44)),
    ),
    bomb(
      '256 MB in a BROTLI page',
      withPages('BROTLI', () => brotliCompressSync(zeros(256), { params: { 1: 1 } })),
    ),
    bomb(
      '700 MB in one SNAPPY page',
      withPages('SNAPPY', () => snappy(700)),
    ),
    bomb(
      '700 MB in one LZ4 page',
      withPages('LZ4_RAW', () => lz4(700)),
    ),
    bomb(
      '700 MB in a ZSTD page of a manifest',
      withPages('ZSTD', () => members(zstd(zeros(16)), 44)),
      BROKEN,
      manifest,
    ),
    bomb(
      'a thousand pages of 16 MB',
      withPages('ZSTD', () => zstd(zeros(16)), 200_000),
    ),
  ],
}
