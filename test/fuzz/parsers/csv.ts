import type { Parser, Seed } from '../parser.ts'
import { bombsAt, gzip, inserts, members, MIB, text, times, zstd } from './fixtures.ts'
import { FILE_ANSWERS, tableOfFiles } from './table-of-files.ts'

const plain = 'dt=1/a.csv'
const gz = 'dt=1/a.csv.gz'
const zst = 'dt=1/a.csv.zst'

const orders = `id,name,price,day,at,note\n${Array.from({ length: 8 }, (_, at) => `${at},"n ${at}, ""x""",${at}.50,2026-01-0${at + 1},2026-01-01 10:00:00,\n`).join('')}`
const semicolons = 'a;b;c\r\n1;2,5;true\r\n;;\r\n-3;1e5;FALSE\r\n'

const seeds: Seed[] = [
  { name: 'orders', bytes: text(orders), place: plain, answer: 'read' },
  { name: 'with semicolons', bytes: text(semicolons), place: plain, answer: 'schema-drift' },
  { name: 'with a byte order mark', bytes: text('\uFEFFid\tnäme\n1\tx\n'), place: plain, answer: 'schema-drift' },
  { name: 'as gzip', bytes: gzip(text(orders)), place: gz, answer: 'read' },
  { name: 'in gzip', bytes: text(semicolons), place: gz, answer: 'schema-drift', wrap: gzip },
  { name: 'as zstd', bytes: zstd(text(orders)), place: zst, answer: 'read' },
]

/** A quote, a delimiter or a line break comes or goes. */
const editSyntax = inserts([
  '"',
  '""',
  ',',
  ';',
  '\t',
  '|',
  '\n',
  '\r\n',
  '\r',
  '"\n',
  ',"',
  '",',
  '\0',
  '\ufeff',
  '99999999999999999999',
  '1e999',
  '\ud800',
  '"a""',
])

const REFUSED = ['files-unreadable']
const bomb = bombsAt(plain, FILE_ANSWERS)

export const csv: Parser = {
  name: 'csv',
  lambda: 'catalog-files',
  seeds,
  mutators: [editSyntax],
  answers: FILE_ANSWERS,
  run: tableOfFiles('csv', seeds[0]!),
  bombs: [
    bomb('a million columns', () => text(`${'a,'.repeat(1_000_000)}a\n${'1,'.repeat(1_000_000)}1\n`)),
    bomb('a million columns with names of their own', () =>
      text(`${Array.from({ length: 500_000 }, (_, at) => at.toString(36)).join(',')}\n`),
    ),
    bomb('four million columns without a name', () => times(',', 4 * MIB)),
    bomb('a header of 4 MB', () => times('a', 4 * MIB)),
    bomb('a line of 8 MB', () => times('a', 8 * MIB), REFUSED),
    bomb('4 MB of quotes', () => times('"', 4 * MIB)),
    bomb('4 MB of a quote that does not end', () => text(`a,b\n"${'x'.repeat(4 * MIB)}`)),
    bomb('4 MB of quoted cells', () => text(`a,b\n${'"x",'.repeat(MIB - 10)}`)),
    bomb('4 MB of doubled quotes in a cell', () => text(`a,b\n"${'""'.repeat(2 * MIB - 10)}",1\n`)),
    bomb('4 MB of line breaks', () => times('\n', 4 * MIB)),
    bomb('4 MB of line breaks in a cell', () => text(`a,b\n"${'\n'.repeat(4 * MIB - 20)}",1\n`)),
    bomb('4 MB of carriage returns', () => times('\r', 4 * MIB)),
    bomb('a number of 4 MB', () => text(`a\n${'9'.repeat(4 * MIB - 4)}`)),
    bomb('a fraction of 4 MB', () => text(`a\n0.${'9'.repeat(4 * MIB - 6)}x\n`)),
    bomb('4 MB of delimiters of each kind', () => text(`a\n${',;\t|'.repeat(MIB - 2)}`)),
    bomb('not UTF-8', () => new Uint8Array(4 * MIB).fill(0xff), REFUSED),
    bomb('zeros', () => new Uint8Array(4 * MIB)),
    bomb('names that ask for each other', () =>
      text(`${Array.from({ length: 150_000 }, (_, at) => (at % 2 === 0 ? 'a' : `a_${(at + 1) / 2}`)).join(',')}\n`),
    ),
    bomb('a GB in gzip', () => members(gzip(new Uint8Array(16 * MIB)), 64), REFUSED, gz),
    bomb('a GB of commas in zstd', () => members(zstd(times(',', 16 * MIB)), 64), REFUSED, zst),
    bomb('60 MB of commas in gzip', () => gzip(times(',', 60 * MIB)), FILE_ANSWERS, gz),
    bomb('60 MB of lines in gzip', () => gzip(times('a,b,c\n', 10 * MIB)), FILE_ANSWERS, gz),
    bomb('60 MB of quotes in gzip', () => gzip(times('"', 60 * MIB)), FILE_ANSWERS, gz),
    bomb('a thousand empty members of gzip', () => members(gzip(new Uint8Array(0)), 100_000), FILE_ANSWERS, gz),
  ],
}
