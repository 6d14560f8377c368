import { describe, expect, test } from '@jest/globals'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { inflate } from '../../../../src/tables/node/decompressors.ts'
import { readFile } from '../../../../src/reactions/catalog-files/sample.ts'
import { MemoryStore } from '../../../tables/table-store.twin.ts'
import { columns } from './given.ts'

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
