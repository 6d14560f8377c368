import { describe, expect, test } from '@jest/globals'
import { avroFile } from '../given.ts'
import { columns, read } from './given.ts'

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
