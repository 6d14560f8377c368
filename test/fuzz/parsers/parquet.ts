import { zstdCompressSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Parser, Seed } from '../parser.ts'
import { fixture } from './fixtures.ts'
import { parquetParts } from './parquet-parts.ts'
import { forgedFooters } from './parquet-bombs.ts'
import { FILE_ANSWERS, tableOfFiles } from './table-of-files.ts'

const place = 'dt=1/a.parquet'

/** As another writer lays it out, with a ZSTD codec. */
const written = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'id', data: [1n, 2n], type: 'INT64' },
      { name: 'note', data: ['x', null], type: 'STRING' },
    ],
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)) },
  }),
)

const seeds: Seed[] = [
  ...['types-none', 'types-snappy', 'types-zstd', 'small', 'empty'].flatMap((name) =>
    parquetParts(name, fixture(`fuzz/${name}.parquet`), place, 'read'),
  ),
  ...parquetParts('written', written, place, 'read'),
]

/** `catalog-files` reads footers only. */
export const parquet: Parser = {
  name: 'parquet',
  lambda: 'catalog-files',
  seeds,
  answers: FILE_ANSWERS,
  run: tableOfFiles('parquet', seeds[0]!),
  bombs: [
    ...forgedFooters(place, ['files-unreadable', 'read']),
    {
      name: '65 bytes of lists in lists',
      place,
      make: () => fixture('hostile/nested-lists.parquet'),
      answers: ['files-unreadable'],
    },
  ],
}
