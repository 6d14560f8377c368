import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { s3 } from '../../src/aws/clients.ts'
import { s3Store } from '../../src/tables/aws/s3-store.ts'
import { collect, testTableStore } from './table-store.suite.ts'

const client = s3()
const bucket = `stores-${randomUUID()}`
const put = async (Key: string, Body: string) =>
  void (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })))

beforeAll(async () => void (await client.send(new CreateBucketCommand({ Bucket: bucket }))))
afterAll(() => client.destroy())

testTableStore('S3', async () => {
  const prefix = `tables/${randomUUID()}`
  return { store: s3Store(client, { bucket, prefix }), put: (key, content) => put(`${prefix}/${key}`, content) }
})

describe('S3', () => {
  test('a listing of several pages is complete and in order', async () => {
    const names = Array.from({ length: 1005 }, (_, at) => `many/${String(at).padStart(5, '0')}`)
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => put(name, 'x')))
    const store = s3Store(client, { bucket, prefix: '' })
    expect((await collect(store.list('many/', names[0]))).map((one) => one.key)).toEqual(names.slice(1))
  })

  test('a missing bucket is an error, not an empty table', async () => {
    const store = s3Store(client, { bucket: `none-${randomUUID()}`, prefix: 't' })
    await expect(store.get('_delta_log/_last_checkpoint')).rejects.toThrow()
    await expect(collect(store.list('_delta_log/'))).rejects.toThrow()
  })
})
