import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { dynamodb, s3 } from '../../../src/aws/clients.ts'
import { dynamoLandingLog } from '../../../src/tables/aws/landing-log.ts'
import { s3TableObjects } from '../../../src/tables/aws/table-objects.ts'
import { collect, testLandingStore } from './landing-log.suite.ts'
import { testLandingHistories } from './histories.suite.ts'
import type { ObjectsTwin } from './table-objects.twin.ts'
import { createLedger, dropLedger } from '../../world/ledger-table.ts'

const called = 'landing-log-suite'
const buckets = { versioned: 'landing-versioned', plain: 'landing-plain' }
const clients = { dynamodb: dynamodb(), s3: s3() }
const store = dynamoLandingLog(clients.dynamodb, called)

beforeAll(async () => {
  await createLedger(clients.dynamodb, called)
  for (const Bucket of Object.values(buckets)) await clients.s3.send(new CreateBucketCommand({ Bucket }))
  await clients.s3.send(
    new PutBucketVersioningCommand({ Bucket: buckets.versioned, VersioningConfiguration: { Status: 'Enabled' } }),
  )
})
afterAll(async () => {
  await dropLedger(clients.dynamodb, called)
  for (const client of Object.values(clients)) client.destroy()
})

testLandingStore('DynamoDB', async () => store)

/** The test makes the events itself, in AWS's shape, as those of the emulator have no version ids. */
function realBucket(Bucket: string): ObjectsTwin {
  const at = (prefix: string) => s3TableObjects(clients.s3, { bucket: Bucket, prefix: prefix.replace(/\/$/, '') })
  const versioned = Bucket === buckets.versioned
  return {
    async put(key, body) {
      const { ETag = '', VersionId } = await clients.s3.send(
        new PutObjectCommand({ Bucket, Key: key, Body: Buffer.from(body) }),
      )
      const etag = ETag.replaceAll('"', '')
      const size = Buffer.byteLength(body)
      return { type: 'Object Created', key, size, etag, ...(versioned && { versionId: VersionId! }) }
    },
    async remove(key) {
      const { VersionId } = await clients.s3.send(new DeleteObjectCommand({ Bucket, Key: key }))
      return versioned
        ? { type: 'Object Deleted', key, versionId: VersionId!, deletionType: 'Delete Marker Created' }
        : { type: 'Object Deleted', key, deletionType: 'Permanently Deleted' }
    },
    async destroy(key, nth) {
      if (!versioned) return undefined
      const found = await clients.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }))
      const all = [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].filter(({ Key }) => Key === key)
      const one = all[nth % Math.max(1, all.length)]
      if (one?.VersionId === undefined) return undefined
      await clients.s3.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId: one.VersionId }))
      return { type: 'Object Deleted', key, versionId: one.VersionId, deletionType: 'Permanently Deleted' }
    },
    async live(prefix) {
      return new Map((await collect(at(prefix).list())).map(({ key, ...content }) => [prefix + key, content]))
    },
    objects: at,
  }
}

let histories = 0
testLandingHistories('the emulator', 25, (versioned) => ({
  ground: { store, bucket: realBucket(versioned ? buckets.versioned : buckets.plain) },
  name: `uploads${histories++}`,
}))

describe('the objects of a table in S3', () => {
  test('are found only by their whole key, and listed from after a key, over several pages', async () => {
    const objects = s3TableObjects(clients.s3, { bucket: buckets.plain, prefix: 'many' })
    const keys = Array.from({ length: 1_005 }, (_, i) => `part ${String(i).padStart(4, '0')}+é.json`)
    for (let i = 0; i < keys.length; i += 50)
      await Promise.all(
        keys
          .slice(i, i + 50)
          .map((key) =>
            clients.s3.send(new PutObjectCommand({ Bucket: buckets.plain, Key: `many/${key}`, Body: 'x' })),
          ),
      )
    const content = { etag: '9dd4e461268c8034f5c8564e155c67a6', size: 1 }
    expect(await objects.find(keys[3]!)).toEqual(content)
    expect(await objects.find('part 0003')).toBeUndefined()
    expect(await objects.find('nothing')).toBeUndefined()
    expect(await collect(objects.list(keys[0]))).toEqual(keys.slice(1).map((key) => ({ key, ...content })))
  })

  test('are found and listed by keys with characters that XML cannot hold', async () => {
    const objects = s3TableObjects(clients.s3, { bucket: buckets.plain, prefix: 'odd' })
    const keys = ['\0', '\u0001\n', ' ', '%00+%2B', '&amp;<a>', 'x\u007f\uFFFE', '\u{1F600}']
    for (const key of keys)
      await clients.s3.send(new PutObjectCommand({ Bucket: buckets.plain, Key: `odd/${key}`, Body: 'x' }))
    const content = { etag: '9dd4e461268c8034f5c8564e155c67a6', size: 1 }
    for (const key of keys) expect([key, await objects.find(key)]).toEqual([key, content])
    expect(await collect(objects.list())).toEqual(keys.map((key) => ({ key, ...content })))
  })
})
