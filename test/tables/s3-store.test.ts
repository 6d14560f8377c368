import type { S3Client } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { s3Store } from '../../src/tables/aws/s3-store.ts'
import { readFile } from '../../src/reactions/catalog-files/sample.ts'

/** A bucket that gives this answer for every object. */
function answering(name: string): S3Client {
  const send = async (command: object): Promise<object> => {
    if (command.constructor.name === 'HeadObjectCommand') return { ContentLength: 10 }
    throw Object.assign(new Error('not now'), { name })
  }
  return { send } as unknown as S3Client
}

const place = { bucket: 'raw', prefix: 'uploads' }

test.each(['parquet', 'json'] as const)('an archived file is refused, not retried: %s', async (format) => {
  const store = s3Store(answering('InvalidObjectState'), place)
  expect(await readFile('a', format, store, {})).toMatchObject({ kind: 'refused', part: { code: 'archived' } })
})

test('a denied read is an error, not a fault of the file', async () => {
  await expect(readFile('a', 'json', s3Store(answering('AccessDenied'), place), {})).rejects.toThrow('not now')
})
