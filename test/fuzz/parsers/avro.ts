import type { Bomb, Mutator, Parser, Seed } from '../parser.ts'
import { bombsAt, fixture, MIB, text, times } from './fixtures.ts'
import { FILE_ANSWERS, tableOfFiles } from './table-of-files.ts'

const place = 'dt=1/a.avro'
const MAGIC = [0x4f, 0x62, 0x6a, 1]

/** Variable-length zig-zag, of any size (Avro specification, "Binary Encoding"). */
function long(value: bigint | number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(rest)])
}

const sized = (bytes: Uint8Array): Uint8Array[] => [long(bytes.length), bytes]
const container = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat([MAGIC, ...parts].map((part) => Uint8Array.from(part))))

/** A container with this text as its schema, whatever it is. */
function withSchema(schema: Uint8Array): Uint8Array {
  const pairs = [...sized(text('avro.codec')), ...sized(text('null')), ...sized(text('avro.schema')), ...sized(schema)]
  return container(long(2), ...pairs, [0], new Uint8Array(16))
}

const ofFastavro = ['orders-null', 'orders-deflate'].map((name) => fixture(`fuzz/${name}.avro`))
const schema = (() => {
  const file = Buffer.from(ofFastavro[0]!).toString('latin1')
  const from = file.indexOf('{"type": "record"')
  return text(file.slice(from, file.lastIndexOf(']}]}') + 4))
})()
const record = (fields: readonly object[], more: object = {}) => ({ type: 'record', name: 'r', fields, ...more })
const recursive = record([
  { name: 'id', type: 'long' },
  { name: 'next', type: ['null', 'r'] },
])

const seeds: Seed[] = [
  { name: 'of fastavro', bytes: ofFastavro[0]!, place, answer: 'read' },
  { name: 'of fastavro, deflated', bytes: ofFastavro[1]!, place, answer: 'read' },
  { name: 'its schema', bytes: schema, place, answer: 'read', wrap: withSchema },
  {
    name: 'a small schema',
    bytes: text(JSON.stringify(record([{ name: 'id', type: 'long' }], { namespace: 'a.b' }))),
    place,
    answer: 'read',
    wrap: withSchema,
  },
  {
    name: 'a type in itself',
    bytes: text(JSON.stringify(recursive)),
    place,
    answer: 'files-unreadable',
    wrap: withSchema,
  },
]

const TYPES = [
  '"null"',
  '"long"',
  '["null","Place"]',
  '[]',
  '"shop.Order"',
  '{"type":"array","items":"string"}',
  '{"type":"map"}',
  '{"type":"fixed","name":"f","size":-1}',
  '{"type":"enum"}',
  '{"type":"record","name":"Place"}',
  '{"type":"record","name":"p","fields":[]}',
  '{"type":{"type":"int"},"logicalType":"date"}',
]

const editType: Mutator = (bytes, random) => {
  const found = Buffer.from(bytes).toString('latin1')
  const types = [...found.matchAll(/"type": ?("[a-z]+"|\[[^\]]*\])/g)]
  const one = types[random.below(types.length)]
  if (one === undefined) return bytes
  return text(`${found.slice(0, one.index)}"type":${random.one(TYPES)}${found.slice(one.index + one[0].length)}`)
}

const REFUSED = ['files-unreadable', 'type-too-long', 'schema-too-long']
const bomb = bombsAt(place, REFUSED)
const ofSchema = (name: string, make: () => unknown, answers: readonly string[] = REFUSED): Bomb =>
  bomb(name, () => withSchema(text(typeof make() === 'string' ? (make() as string) : JSON.stringify(make()))), answers)
const named = (name: string, fields: readonly object[]) => record(fields, { name })
/** Each type has the one before it twice. */
const doubling = (levels: number) =>
  named('whole', [
    { name: 'f0', type: named('t0', [{ name: 'a', type: 'long' }]) },
    ...Array.from({ length: levels }, (_, at) => ({
      name: `f${at + 1}`,
      type: named(`t${at + 1}`, [
        { name: 'a', type: `t${at}` },
        { name: 'b', type: `t${at}` },
      ]),
    })),
  ])
const wide = (count: number) =>
  named(
    'wide',
    Array.from({ length: count }, (_, at) => ({ name: `f${at}`, type: 'long' })),
  )

export const avro: Parser = {
  name: 'avro',
  lambda: 'catalog-files',
  seeds,
  mutators: [editType],
  answers: FILE_ANSWERS,
  run: tableOfFiles('avro', seeds[0]!),
  bombs: [
    ofSchema(
      'unions of a wide record and 498 empty ones',
      () =>
        record([
          { name: 'a', type: [wide(9_000), ...Array.from({ length: 498 }, (_, at) => named(`e${at}`, []))] },
          ...Array.from({ length: 8 }, (_, at) => ({
            name: `b${at}`,
            type: ['wide', ...Array.from({ length: 498 }, (_each, other) => `e${other}`)],
          })),
        ]),
      FILE_ANSWERS,
    ),
    bomb('a header of 2^62 pairs', () => container(long(2n ** 62n), ...sized(text('a')), ...sized(text('b')))),
    bomb('a header of -2^63 pairs', () => container(long(-(2n ** 63n)), ...sized(text('a')), ...sized(text('b')))),
    bomb('4 MB of empty pairs', () => container(long(2 ** 31), new Uint8Array(4 * MIB))),
    bomb('4 MB of blocks of one empty pair', () =>
      container(new Uint8Array(Buffer.alloc(3 * MIB, Uint8Array.of(2, 0, 0)))),
    ),
    bomb('4 MB of distinct pairs', () =>
      container(
        long(600_000),
        Buffer.concat(
          Array.from({ length: 400_000 }, (_, at) =>
            Buffer.concat([long(6), text(String(100_000 + at)), [0]].map((part) => Uint8Array.from(part))),
          ),
        ),
      ),
    ),
    bomb('a key of two gigabytes', () => container(long(1), long(2 ** 31 - 1), text('a'))),
    bomb('a key of a negative size', () => container(long(1), long(-5), text('a'))),
    bomb('a number without an end', () => container(times('\xff', MIB))),
    ofSchema('named types that double 64 times', () => doubling(64)),
    ofSchema('named types that double 16 times', () => doubling(16)),
    ofSchema('named types that double in unions', () =>
      named(
        'whole',
        Array.from({ length: 60 }, (_, at) => ({
          name: `f${at}`,
          type:
            at === 0
              ? named('t0', [{ name: 'a', type: 'long' }])
              : [
                  'null',
                  named(`t${at}`, [
                    { name: 'a', type: [`t${at - 1}`, 'null', `t${at - 1}`] },
                    { name: 'b', type: { type: 'map', values: `t${at - 1}` } },
                  ]),
                ],
        })),
      ),
    ),
    ofSchema('records nested a thousand deep', () =>
      Array.from({ length: 1_000 }).reduce<unknown>(
        (inner, _, at) => named(`r${at}`, [{ name: 'a', type: inner }]),
        'long',
      ),
    ),
    ofSchema(
      'arrays nested a hundred thousand deep',
      () =>
        `{"type":"record","name":"r","fields":[{"name":"a","type":${'{"type":"array","items":'.repeat(100_000)}"long"${'}'.repeat(100_000)}}]}`,
    ),
    ofSchema(
      'types nested a hundred thousand deep',
      () =>
        `{"type":"record","name":"r","fields":[{"name":"a","type":${'{"type":'.repeat(100_000)}"long"${'}'.repeat(100_000)}}]}`,
    ),
    ofSchema('brackets nested a million deep', () => '['.repeat(1_000_000)),
    ofSchema(
      'a union of a million types',
      () => `{"type":"record","name":"r","fields":[{"name":"a","type":[${'"long",'.repeat(500_000)}"null"]}]}`,
    ),
    ofSchema(
      'a union of 90,000 records',
      () =>
        `{"type":"record","name":"r","fields":[{"name":"a","type":[${Array.from({ length: 45_000 }, (_, at) => `{"type":"record","name":"n${at}","fields":[{"name":"c${at}","type":"long"}]}`).join(',')}]}]}`,
      [...REFUSED, 'read'],
    ),
    ofSchema(
      '60,000 columns',
      () =>
        named(
          'r',
          Array.from({ length: 60_000 }, (_, at) => ({ name: `c${at}`, type: 'long' })),
        ),
      ['read', ...REFUSED],
    ),
    ofSchema(
      'a million empty lists beside the fields',
      () => `{"type":"record","name":"r","fields":[],"x":[${'[],'.repeat(1_300_000)}[]]}`,
      ['read', ...REFUSED],
    ),
    ofSchema('a name of 4 MB', () => named('n'.repeat(4 * MIB - 1_000), [{ name: 'a', type: 'long' }]), [
      'read',
      ...REFUSED,
    ]),
    ofSchema('dots in a name', () => named('a.'.repeat(2_000_000), [{ name: 'a', type: 'long' }]), [
      'read',
      ...REFUSED,
    ]),
    ofSchema(
      '20,000 columns that refer to one long name',
      () =>
        named('r', [
          { name: 'x', type: { type: 'fixed', name: 'n'.repeat(100_000), size: 1 } },
          ...Array.from({ length: 30 }, (_, at) => ({ name: `c${at}`, type: 'n'.repeat(100_000) })),
        ]),
      ['read', ...REFUSED],
    ),
  ],
}
