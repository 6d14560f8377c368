import type { Parser, Seed } from '../parser.ts'
import { bombsAt, gzip, inserts, members, MIB, text, times, zstd } from './fixtures.ts'
import { FILE_ANSWERS, tableOfFiles } from './table-of-files.ts'

const plain = 'dt=1/a.json'
const gz = 'dt=1/a.json.gz'
const zst = 'dt=1/a.json.zst'

const record = (id: number) => ({
  id,
  name: `n\\"${id}`,
  price: 1.5,
  day: '2026-01-01',
  tags: ['a', 'ü'],
  attrs: { k: [{ deep: null }] },
  ok: true,
})
const jsonLines = [1, 2, 3].map((id) => `${JSON.stringify(record(id))}\n`).join('')

const seeds: Seed[] = [
  { name: 'lines', bytes: text(jsonLines), place: plain, answer: 'read' },
  {
    name: 'an array',
    bytes: text(JSON.stringify([record(1), { other: 12345678901234567890n.toString() }], undefined, 1)),
    place: plain,
    answer: 'read',
  },
  {
    name: 'one object',
    bytes: text('\uFEFF{"a": {"b": [[1, 2.0], []]}, "c": "2026-01-01 00:00:00"}'),
    place: plain,
    answer: 'read',
  },
  { name: 'as gzip', bytes: gzip(text(jsonLines)), place: gz, answer: 'read' },
  { name: 'in gzip', bytes: text(jsonLines), place: gz, answer: 'read', wrap: gzip },
  { name: 'as zstd', bytes: zstd(text(jsonLines)), place: zst, answer: 'read' },
]

const editSyntax = inserts([
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  'null',
  '[]',
  '{}',
  '{"a":',
  '"__proto__":',
  '"":',
  '\n',
  '\\u0000',
  '\\ud800',
  '1e999',
  '12345678901234567890123456789012345678901',
])

const REFUSED = ['files-unreadable']
const bomb = bombsAt(plain, FILE_ANSWERS)
const keys = (count: number, value: string) =>
  `{${Array.from({ length: count }, (_, at) => `"${at.toString(36)}":${value}`).join(',')}}`

export const json: Parser = {
  name: 'json',
  lambda: 'catalog-files',
  seeds,
  mutators: [editSyntax],
  answers: FILE_ANSWERS,
  run: tableOfFiles('json', seeds[0]!),
  bombs: [
    bomb('lists nested a million deep', () => text(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`), REFUSED),
    bomb('objects nested a million deep', () => text(`${'{"a":'.repeat(700_000)}1${'}'.repeat(700_000)}`), REFUSED),
    bomb(
      'objects nested a hundred thousand deep',
      () => text(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      REFUSED,
    ),
    bomb('objects nested 5,000 deep', () => text(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`), REFUSED),
    bomb('4 MB of brackets', () => times('[', 4 * MIB), REFUSED),
    bomb('4 MB of braces', () => times('{', 4 * MIB), REFUSED),
    bomb('4 MB of quotes', () => times('"', 4 * MIB), REFUSED),
    bomb('4 MB of backslashes in a text', () => text(`{"a":"${'\\'.repeat(4 * MIB - 10)}"}`)),
    bomb('4 MB of escaped quotes in a text', () => text(`{"a":"${'\\"'.repeat(2 * MIB - 10)}"}`)),
    bomb('400,000 keys', () => text(keys(400_000, '1'))),
    bomb('100,000 keys of objects', () => text(keys(100_000, '{"x":{"y":[1]}}'))),
    bomb('4 MB of empty objects in a list', () => text(`{"a":[${'{},'.repeat(1_390_000)}{}]}`)),
    bomb('4 MB of empty lists in a list', () => text(`{"a":[${'[],'.repeat(1_390_000)}[]]}`)),
    bomb('4 MB of numbers in a list', () => text(`{"a":[${'1,'.repeat(2_090_000)}1]}`)),
    bomb('objects with keys of their own in a list', () =>
      text(`{"a":[${Array.from({ length: 200_000 }, (_, at) => `{"${at.toString(36)}":1}`).join(',')}]}`),
    ),
    bomb('a thousand records with a thousand keys of their own each', () =>
      text(
        Array.from(
          { length: 1_000 },
          (_, line) =>
            `{${Array.from({ length: 400 }, (_, at) => `"${(line * 400 + at).toString(36)}":1`).join(',')}}\n`,
        ).join(''),
      ),
    ),
    bomb('empty records after one of 20,000 keys', () => text(`${keys(20_000, '1')}\n${'{}\n'.repeat(999)}`)),
    bomb('empty objects after one of 100,000 keys in a list', () =>
      text(`{"a":[${keys(100_000, '1')}${',{}'.repeat(70_000)}]}`),
    ),
    bomb('an object of 100,000 keys in 80 lists, with another in each', () => {
      let value = keys(100_000, '1')
      for (let at = 0; at < 80; at += 1) value = `[${'['.repeat(at)}{"n":1}${']'.repeat(at)},${value}]`
      return text(`{"a":${value}}`)
    }),
    bomb('a thousand records with 400 nested keys of their own each', () =>
      text(Array.from({ length: 1_000 }, (_, at) => `{"a":{"${at}":${keys(400, '1')}}}\n`).join('')),
    ),
    bomb('a thousand records of the same 400 keys', () =>
      text(
        Array.from(
          { length: 1_000 },
          () => `{${Array.from({ length: 400 }, (_, at) => `"${at.toString(36)}":1`).join(',')}}\n`,
        ).join(''),
      ),
    ),
    bomb('a number of 4 MB', () => text(`{"a":${'9'.repeat(4 * MIB - 10)}}`)),
    bomb('a text of 8 MB', () => text(`{"a":"${'x'.repeat(8 * MIB)}"}`), REFUSED),
    bomb('4 MB of spaces', () => times(' ', 4 * MIB), REFUSED),
    bomb('4 MB of commas in a list', () => text(`[${','.repeat(4 * MIB - 10)}]`), REFUSED),
    bomb('4 MB of words', () => times('a ', 2 * MIB), REFUSED),
    bomb('an empty array and 4 MB of brackets', () => text(`[]${']'.repeat(4 * MIB - 10)}`), REFUSED),
    bomb('4 MB of lines of one brace', () => times('}\n', 2 * MIB), REFUSED),
    bomb('names that are not names', () => text('{"__proto__":{"a":1},"constructor":1,"toString":{"valueOf":2},"":3}')),
    bomb('a GB in gzip', () => members(gzip(new Uint8Array(16 * MIB)), 64), REFUSED, gz),
    bomb('a GB of braces in zstd', () => members(zstd(times('{', 16 * MIB)), 64), REFUSED, zst),
    bomb('60 MB of brackets in gzip', () => gzip(times('[', 60 * MIB)), FILE_ANSWERS, gz),
    bomb('60 MB of numbers in gzip', () => gzip(text(`{"a":[${'1,'.repeat(30 * MIB)}1]}`)), FILE_ANSWERS, gz),
    bomb('60 MB of empty objects in gzip', () => gzip(text(`{"a":[${'{},'.repeat(20 * MIB)}{}]}`)), FILE_ANSWERS, gz),
    bomb('60 MB of empty objects in zstd', () => zstd(text(`[${'{"a":{}},'.repeat(6 * MIB)}{}]`)), FILE_ANSWERS, zst),
    bomb('a text of 60 MB in gzip', () => gzip(text(`{"a":"${'x'.repeat(60 * MIB)}"}`)), FILE_ANSWERS, gz),
    bomb('60 MB of spaces in gzip', () => gzip(times(' ', 60 * MIB)), FILE_ANSWERS, gz),
  ],
}
