import { randomUUID } from 'node:crypto'
import { afterAll, expect, test } from '@jest/globals'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { command } from '../../../cli/table/command.ts'
import { s3 } from '../../../src/aws/clients.ts'
import { add, classicKey, logOf, parquet, start } from '../../tables/delta/log-builder.ts'

const client = s3()
const bucket = `tables-${randomUUID()}`
afterAll(() => client.destroy())

test('landfall table reads checkpoint and commits from S3 as from a folder', async () => {
  const store = logOf([[add('0')], [add('1')]], 6)
  store.put(classicKey(5), parquet([...start, add('a%20b')]))
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  for (const [key, { bytes }] of store.objects)
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `silver/flights/${key}`, Body: bytes }))
  const out: string[] = []
  for (const location of [
    `s3://${bucket}/silver/flights`,
    `s3://${bucket}/silver/flights/`,
    `s3a://${bucket}/silver/flights`,
  ]) {
    out.length = 0
    expect(
      await command.run([location, '--json', '--files'], {
        out: (line) => out.push(line),
        err: () => undefined,
        width: 80,
      }),
    ).toBe(0)
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      version: 7,
      files: 3,
      liveFiles: [{ path: '1' }, { path: '0' }, { path: 'a b' }],
    })
  }
})
