import { describe, expect, test } from '@jest/globals'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { inflate } from '../../../src/tables/node/decompressors.ts'
import type { FileFormat } from '../../../src/lake/lake.ts'
import { readFile, type Read } from '../../../src/reactions/catalog-files/sample.ts'
import { inferJson } from '../../../src/reactions/catalog-files/infer/json.ts'
import { hiveType } from '../../../src/glue/types.ts'
import { MemoryStore } from '../../tables/table-store.twin.ts'
import { avroFile } from './given.ts'

async function read(path: string, format: FileFormat, content: string | Uint8Array): Promise<Read> {
  const store = new MemoryStore()
  // A Buffer may be a part of a larger one.
  store.put(path, typeof content === 'string' ? content : new Uint8Array(content))
  return readFile(path, format, store, inflate)
}

/** The columns as Glue shows them, or the reason why there are none. */
async function columns(path: string, format: FileFormat, content: string | Uint8Array): Promise<string> {
  const found = await read(path, format, content)
  if (found.kind === 'refused') return found.part.reason
  if (found.kind === 'gone') return 'gone'
  return found.file.schema.fields.map((each) => `${each.name} ${hiveType(each)}`).join(', ')
}

const json = (content: string) => columns('a.json', 'json', content)
const csv = (content: string) => columns('a.csv', 'csv', content)

describe('JSON', () => {
  test.each([
    ['one object a line', '{"a":1,"b":"x"}\n{"a":2}\n', 'a bigint, b string'],
    ['no line break at the end', '{"a":1}', 'a bigint'],
    ['Windows line ends, and empty lines', '{"a":1}\r\n\r\n{"b":true}\r\n', 'a bigint, b boolean'],
    ['a byte order mark', '\uFEFF{"a":1}', 'a bigint'],
    ['one array', ' [ {"a":1},\n {"b":2.5} ]\n', 'a bigint, b double'],
    ['one object over many lines', '{\n "a": {\n "b": [1, null, 2.5]\n }\n}', 'a struct<b:array<double>>'],
    ['brackets and quotes in texts', String.raw`{"a":"}{\"][\\"}` + '\n{"a":"x"}', 'a string'],
    ['whole numbers beside fractions', '{"a":1,"b":1,"c":1.0}\n{"a":2,"b":2.5,"c":2}', 'a bigint, b double, c double'],
    ['numbers beyond 64 bits', '{"a":9223372036854775807,"b":9223372036854775808}', 'a bigint, b decimal(19,0)'],
    ['nothing but nulls', '{"a":null,"b":[]}', 'a string, b array<string>'],
    ['a null, then a value', '{"a":null}\n{"a":{"x":1}}', 'a struct<x:bigint>'],
    ['numbers and texts', '{"a":1}\n{"a":"x"}', 'a string'],
    ['an object and a text, which the SerDe gives as text', '{"a":{"x":1}}\n{"a":"x"}', 'a string'],
    ['dates and times as Athena reads them', '{"d":"2026-11-22","t":"2026-11-22 01:02:03.5"}', 'd date, t timestamp'],
    ['ISO times, which Athena does not read', '{"t":"2026-11-22T01:02:03Z"}', 't string'],
    ['an impossible date', '{"d":"2026-13-22"}', 'd string'],
    ['keys that differ in case', '{"Id":1}\n{"id":2.5}', 'Id double'],
    [
      'property names of JavaScript objects',
      '{"__proto__":1,"constructor":{"length":2}}',
      '__proto__ bigint, constructor struct<length:bigint>',
    ],
  ])('with %s', async (_risk, content, expected) => {
    expect(await json(content)).toBe(expected)
  })

  test.each([
    ['no records', '\n \n', 'the file has no records'],
    ['an empty array', '[]', 'the file has no records'],
    ['a broken line', '{"a":1}\n{"a":\n', 'line 2 is not JSON'],
    ['a line that is not JSON', '{"a":1}\nhello\n', 'line 2 is not JSON'],
    ['a record cut off', '{"a":1}\n{"a":2', 'line 2 is not JSON'],
    ['a number instead of a record', '{"a":1}\n7\n', 'line 2 is not a JSON object'],
    ['something behind an array', '[{"a":1}] x', 'line 1 is not JSON'],
    ['an extra comma in a record', '{"a":1,}', 'line 1 is not JSON'],
  ])('that is bad is refused: %s', async (_risk, content, reason) => {
    expect(await json(content)).toContain(reason)
  })

  test('that is not UTF-8 is refused', async () => {
    expect(await columns('a.json', 'json', Buffer.from('{"a":"ä"}', 'latin1'))).toBe('the file is not UTF-8')
  })

  test('of any length costs one read of its beginning', async () => {
    const store = new MemoryStore()
    store.put('a.json', '{"a":"é☃😀"}\n'.repeat(100_000))
    const found = await readFile('a.json', 'json', store, inflate)
    expect(found).toMatchObject({ kind: 'read', file: { schema: { fields: [{ name: 'a', type: 'string' }] } } })
    expect(store.calls).toEqual(['open a.json', 'slice a.json'])
  })

  test('with a long first record is read once more, and not again', async () => {
    const store = new MemoryStore()
    store.put('long.json', `{"a":"${'x'.repeat(300_000)}"}\n{"b":1}`)
    store.put('longer.json', `{"a":"${'x'.repeat(5_000_000)}"}\n{"b":1}`)
    expect(await readFile('long.json', 'json', store, inflate)).toMatchObject({ kind: 'read' })
    expect(await readFile('longer.json', 'json', store, inflate)).toMatchObject({
      kind: 'refused',
      part: { reason: expect.stringContaining('longer than the 4 MB that are read') },
    })
    expect(store.calls.filter((call) => call === 'slice longer.json')).toHaveLength(2)
  })

  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ] as const)('that is compressed (.%s) is read from its beginning', async (ending, compress) => {
    const lines = Array.from({ length: 60_000 }, (_, i) => JSON.stringify({ i, r: Math.sin(i) })).join('\n')
    const packed = compress(Buffer.from(lines))
    expect(packed.length).toBeGreaterThan(300_000)
    expect(await columns(`a.json.${ending}`, 'json', packed)).toBe('i bigint, r double')
    expect(await columns(`a.json.${ending}`, 'json', compress(Buffer.from('{"a":1}')))).toBe('a bigint')
    expect(await columns(`a.json.${ending}`, 'json', '{"a":1}')).toContain('cannot be decompressed')
  })

  test('that decompresses to far more than its size is refused, not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(256 * 1024)
    expect(await columns('a.json.gz', 'json', bomb)).toContain('the first record is longer than the 4 MB')
  })

  test('with an unsupported compression is refused by name', async () => {
    expect(await columns('a.json.bz2', 'json', 'BZh9')).toContain('.bz2')
  })
})

test.each([200, 20_000, 120_000])('JSON that is nested %d levels deep is refused without a crash', async (depth) => {
  const content = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(await json(content)).toMatch(/nested|not JSON/)
})

const some = (count: number) => Array.from({ length: count }, (_, at) => `"c${at}":1`).join(',')
test.each([
  ['records after a wide one', `{${some(20_000)}}\n${'{}\n'.repeat(999)}`, 20_000],
  ['elements after a wide one', `{"a":[{${some(20_000)}}${',{}'.repeat(50_000)}]}`, 1],
  [
    'records of nested columns of their own',
    Array.from({ length: 1_000 }, (_, at) => `{"a":{"${at}":{${some(100)}}}}`).join('\n'),
    1,
  ],
])('JSON with many %s is read in time that is linear in its size', async (_risk, content, columns) => {
  const began = performance.now()
  expect(inferJson(content, true).fields).toHaveLength(columns)
  // Quadratic, each would take half a minute.
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('JSON whose wide objects stand in many lists within each other is refused early', async () => {
  let value = `{${some(50_000)}}`
  for (let at = 0; at < 80; at += 1) value = `[${'['.repeat(at)}{"n":1}${']'.repeat(at)},${value}]`
  expect(await json(`{"a":${value}}`)).toContain('too many fields in lists within each other')
})

describe('CSV', () => {
  test.each([
    ['a header and rows', 'id,name,at\n1,x,2026-11-22\n2,,2026-11-23\n', 'id bigint, name string, at date'],
    ['a header alone', 'id,name\n', 'id string, name string'],
    ['a header without a line end', 'id,name', 'id string, name string'],
    ['a byte order mark', '\uFEFFid\n1\n', 'id bigint'],
    ['semicolons, and commas in numbers', 'a;b\n1;2,5\n3;4,5\n', 'a bigint, b string'],
    ['tabs', 'a\tb\n1\ttrue\n', 'a bigint, b boolean'],
    ['bars', 'a|b\n1.5|2026-11-22 10:00:00\n', 'a double, b timestamp'],
    ['one column', 'a\n1\n2\n', 'a bigint'],
    ['leading zeros, which are text', 'zip\n00501\n', 'zip string'],
    ['shorter rows', 'a,b,c\n1\n1,2,3\n', 'a bigint, b bigint, c bigint'],
    ['columns without names, and duplicate names', 'a,,A\n1,2,3\n', 'a bigint, column_2 bigint, A_2 bigint'],
    ['Windows line ends', 'a,b\r\n1,2\r\n', 'a bigint, b bigint'],
    ['numbers with exponents, and too long ones', 'a,b\n1e3,12345678901234567890\n', 'a double, b decimal(20,0)'],
    ['mixed values', 'a\n1\nx\n', 'a string'],
  ])('with %s', async (_risk, content, expected) => {
    expect(await csv(content)).toBe(expected)
  })

  test('with quotes is recognised, whatever is in them', async () => {
    const found = await read('a.csv', 'csv', 'a;b\n"x;y";"say ""hi""\nnow"\n')
    expect(found).toMatchObject({ file: { schema: { csv: { delimiter: ';', quoted: true } } } })
    expect(found).toMatchObject({ file: { schema: { fields: [{ name: 'a' }, { name: 'b' }] } } })
  })

  test.each([
    ['nothing', '\n\n', 'the file has no header'],
    ['a quote that does not close', 'a,b\n1,"x\n', 'line 2 has an unclosed or misplaced quote'],
    ['text behind a quote', 'a,b\n"x"y,1\n', 'line 2 has an unclosed or misplaced quote'],
    ['a row longer than the header', 'a,b\n1,2\n1,2,3\n', 'line 3 has 3 values, expected 2 as in the header'],
  ])('that is bad is refused: %s', async (_risk, content, reason) => {
    expect(await csv(content)).toContain(reason)
  })

  test('with a quoted value of megabytes is read', async () => {
    expect(await csv(`a,b\n"${'x""y'.repeat(700_000)}",1\n`)).toBe('a string, b bigint')
  })

  test('with twenty thousand columns of one name is read fast, and with more is refused', async () => {
    const found = await read('a.csv', 'csv', `${'a,'.repeat(19_999)}a\n1\n`)
    expect(found).toMatchObject({ kind: 'read' })
    const more = await read('a.csv', 'csv', `${'a,'.repeat(20_000)}a\n1\n`)
    expect(more).toMatchObject({ kind: 'refused', part: { reason: expect.stringContaining('more than 20000 values') } })
  }, 10_000)

  test('that is cut off ignores the cut row instead of taking it for a short or bad one', async () => {
    const row = `1,"${'x'.repeat(100)}"\n`
    expect(await csv(`a,b\n${row.repeat(5000)}`)).toBe('a bigint, b string')
  })
})

describe('Parquet', () => {
  test('has its columns in its footer', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: [1n, 2n], type: 'INT64' },
        { name: 'n', data: [1, 2], type: 'INT32' },
        { name: 'x', data: [1.5, null], type: 'DOUBLE', nullable: true },
        { name: 's', data: ['a', 'b'], type: 'STRING' },
        { name: 'ok', data: [true, false], type: 'BOOLEAN' },
        { name: 'at', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
        { name: 'j', data: [{ a: 1 }, null], type: 'JSON', nullable: true },
      ],
    })
    expect(await columns('a.parquet', 'parquet', new Uint8Array(file))).toBe(
      'id bigint, n int, x double, s string, ok boolean, at timestamp, j string',
    )
  })

  test('has nested columns, decimals, and layouts of old writers', async () => {
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 9 },
        { name: 'd', type: 'INT64', converted_type: 'DECIMAL', precision: 12, scale: 3, repetition_type: 'OPTIONAL' },
        { name: 'old', type: 'INT96', repetition_type: 'OPTIONAL' },
        { name: 'u', type: 'INT32', converted_type: 'UINT_32', repetition_type: 'OPTIONAL' },
        {
          name: 'ntz',
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
          repetition_type: 'OPTIONAL',
        },
        { name: 'l', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'INT32', converted_type: 'DATE', repetition_type: 'OPTIONAL' },
        { name: 'two', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
        { name: 'array', type: 'INT32', repetition_type: 'REPEATED' },
        { name: 'bare', type: 'INT32', repetition_type: 'REPEATED' },
        { name: 'm', repetition_type: 'OPTIONAL', converted_type: 'MAP', num_children: 1 },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'value', type: 'FLOAT', repetition_type: 'OPTIONAL' },
        { name: 's', repetition_type: 'OPTIONAL', num_children: 1 },
        { name: 'b', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      ],
      columnData: [],
    })
    expect(await columns('a.parquet', 'parquet', new Uint8Array(file))).toBe(
      'd decimal(12,3), old timestamp, u bigint, ntz timestamp, l array<date>, two array<int>, bare array<int>, ' +
        'm map<string,float>, s struct<b:binary>',
    )
  })

  test.each([
    [77, 10],
    [39, 0],
    [10, 11],
  ])('with a decimal(%i,%i), which no engine has, shows it as binary', async (precision, scale) => {
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'id', type: 'INT64', repetition_type: 'OPTIONAL' },
        { name: 'd', type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision, scale, repetition_type: 'OPTIONAL' },
      ],
      columnData: [],
    })
    expect(await columns('a.parquet', 'parquet', new Uint8Array(file))).toBe('id bigint, d binary')
  })

  test.each([
    ['its end is missing', (whole: Uint8Array) => whole.slice(0, -20)],
    ['only its beginning is left', (whole: Uint8Array) => whole.slice(0, 8)],
    ['it is text', () => new TextEncoder().encode('id,name\n1,x\n')],
    [
      'its footer claims more than the file has',
      (whole: Uint8Array) => Uint8Array.from([...whole.slice(0, -8), 255, 255, 255, 127, ...whole.slice(-4)]),
    ],
  ])('is refused when %s', async (_risk, spoil) => {
    const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'id', data: [1], type: 'INT32' }] }))
    expect(await columns('a.parquet', 'parquet', spoil(whole))).toContain('not a valid Parquet file')
  })

  test('that cannot be fetched now is retried, not refused', async () => {
    const store = new MemoryStore()
    store.put('a.parquet', 'PAR1PAR1PAR1')
    store.onCall = (call) => {
      if (call.startsWith('slice')) throw new Error('slow down')
    }
    await expect(readFile('a.parquet', 'parquet', store, inflate)).rejects.toThrow('slow down')
  })
})

/** A record with two fields of the record before it, `times` times over. */
function doubling(times: number): object {
  let last: unknown = 'long'
  for (let n = 0; n < times; n++) {
    const name = `R${n}`
    const fields = [
      { name: 'a', type: last },
      { name: 'b', type: n === 0 ? 'long' : `R${n - 1}` },
    ]
    last = { type: 'record', name, fields }
  }
  return last as object
}

describe('Avro', () => {
  const schema = {
    type: 'record',
    name: 'Flight',
    namespace: 'com.example',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'name', type: ['null', 'string'] },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['A', 'B'] } },
      { name: 'again', type: ['State', 'null'] },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 16 } },
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'micros', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
      { name: 'tags', type: { type: 'map', values: 'double' } },
      {
        name: 'legs',
        type: { type: 'array', items: { type: 'record', name: 'Leg', fields: [{ name: 'km', type: 'int' }] } },
      },
      { name: 'last', type: ['null', 'com.example.Leg'] },
      { name: 'mixed', type: ['int', 'double'] },
    ],
  }

  test('has its columns in its header', async () => {
    expect(await columns('a.avro', 'avro', avroFile(schema))).toBe(
      'id bigint, name string, state string, again string, hash binary, day date, at timestamp, micros bigint, ' +
        'price decimal(10,2), tags map<string,double>, legs array<struct<km:int>>, last struct<km:int>, mixed double',
    )
  })

  test('gets a schema that also reads files from before a column was added', async () => {
    const found = await read(
      'a.avro',
      'avro',
      avroFile({
        ...schema,
        fields: [
          { name: 'id', type: 'long' },
          { name: 's', type: ['string', 'null'] },
          { name: 'n', type: 'int', default: 7 },
        ],
      }),
    )
    const literal = found.kind === 'read' ? (JSON.parse(found.file.schema.avro ?? '') as unknown) : undefined
    expect(literal).toEqual({
      type: 'record',
      name: 'Flight',
      namespace: 'com.example',
      fields: [
        { name: 'id', type: ['null', 'long'], default: null },
        { name: 's', type: ['null', 'string'], default: null },
        { name: 'n', type: 'int', default: 7 },
      ],
    })
  })

  test.each<[string, Uint8Array, string]>([
    ['cut off in its header', avroFile(schema).slice(0, 60), 'the file ends within its header'],
    ['another kind of file', new TextEncoder().encode('PAR1'), 'it does not begin with Obj'],
    ['without a schema', avroFile(undefined), "the header has no 'avro.schema'"],
    ['of bare numbers', avroFile('long'), 'the schema is not a record'],
    [
      'with an unknown type',
      avroFile({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'Nothing' }] }),
      'no type Nothing',
    ],
    [
      'with a type that contains itself',
      avroFile({ type: 'record', name: 'R', fields: [{ name: 'a', type: ['null', 'R'] }] }),
      'type R contains itself',
    ],
    [
      'with a type that is a property name of JavaScript objects',
      avroFile({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'constructor' }] }),
      'no type constructor',
    ],
    [
      'with an invalid record',
      avroFile({ type: 'record', name: 'R', fields: [{ name: 'a', type: { type: 'record', name: 'S' } }] }),
      'the schema cannot be read',
    ],
    ['of a few hundred bytes that expand to billions of columns', avroFile(doubling(40)), 'more than'],
    [
      'with two columns of one name',
      avroFile({
        type: 'record',
        name: 'R',
        fields: [
          { name: 'a', type: 'int' },
          { name: 'A', type: 'int' },
        ],
      }),
      'differ only in case',
    ],
  ])('%s is refused', async (_risk, file, reason) => {
    expect(await columns('a.avro', 'avro', file)).toContain(reason)
  })

  test('with a union of a wide record and many others is read in time that is linear in its size', async () => {
    const one = (name: string, count: number) => ({
      type: 'record',
      name,
      fields: Array.from({ length: count }, (_, at) => ({ name: `f${at}`, type: 'long' })),
    })
    const type = [one('wide', 40_000), ...Array.from({ length: 498 }, (_, at) => one(`e${at}`, 0))]
    const began = performance.now()
    const file = avroFile({ type: 'record', name: 'r', fields: [{ name: 'a', type }] })
    expect(await read('a.avro', 'avro', file)).toMatchObject({ kind: 'read' })
    expect(performance.now() - began).toBeLessThan(3_000)
  })

  test('with invalid decimals shows them as binary', async () => {
    const type = { type: 'bytes', logicalType: 'decimal', precision: -5, scale: 'x' }
    const fields = [{ name: 'a', type }]
    expect(await columns('a.avro', 'avro', avroFile({ type: 'record', name: 'R', fields }))).toBe('a binary')
  })

  test('with a long header is read once more', async () => {
    const long = { ...schema, doc: 'x'.repeat(400_000) }
    expect(await columns('a.avro', 'avro', avroFile(long))).toContain('id bigint')
  })
})

test('A file that was deleted before it is read is gone, not refused', async () => {
  expect(await readFile('a.json', 'json', new MemoryStore(), inflate)).toEqual({ kind: 'gone' })
})
