import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import { extract } from 'tar-stream'
import { decodedKey } from '../../src/aws/object-key.ts'
import type { ModelInput } from './core/requests.ts'

type Container = ModelInput['PrimaryContainer']

/** Downloads a model's artifacts into `folder`, as SageMaker does into /opt/ml/model. @throws Error if there are none */
export async function downloadModel(s3: S3Client, container: Container, folder: string): Promise<void> {
  const { S3Uri: uri = container.ModelDataUrl, S3DataType: type } = container.ModelDataSource?.S3DataSource ?? {}
  if (uri === undefined) return
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(uri) ?? []
  if (type !== 'S3Prefix') return unpack(await body(s3, bucket, key), folder)
  let found = 0
  const listed = { Bucket: bucket, Prefix: key, EncodingType: 'url' } as const
  for await (const { Contents: page = [] } of paginateListObjectsV2({ client: s3 }, listed))
    for (const { Key: encoded = '' } of page) {
      const object = decodedKey(encoded) ?? encoded
      const file = join(folder, fileName(object.slice(key.length)))
      await mkdir(dirname(file), { recursive: true })
      await pipeline(await body(s3, bucket, object), createWriteStream(file))
      found += 1
    }
  if (found === 0) throw new Error(`there is nothing under ${uri}`)
}

/** @throws Error for a name with which a deployment fails (API reference, S3ModelDataSource) */
function fileName(path: string): string {
  const bad = path
    .split('/')
    .find(
      (part) =>
        part.trim() === '' || part === '.' || part === '..' || part.includes('\0') || Buffer.byteLength(part) > 255,
    )
  if (bad !== undefined) throw new Error(`${JSON.stringify(path)} cannot be a file: ${JSON.stringify(bad)}`)
  return path
}

async function body(s3: S3Client, bucket: string, key: string): Promise<Readable> {
  const { Body: stream } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  if (!(stream instanceof Readable)) throw new Error(`s3://${bucket}/${key} has no content`)
  return stream
}

async function unpack(packed: Readable, folder: string): Promise<void> {
  const files = extract()
  const unpacked = pipeline(packed, createGunzip(), files)
  for await (const entry of files) {
    const file = within(folder, entry.header.name)
    if (entry.header.type !== 'file') {
      entry.resume()
      continue
    }
    await mkdir(dirname(file), { recursive: true })
    await pipeline(entry, createWriteStream(file))
  }
  await unpacked
}

function within(folder: string, name: string): string {
  const path = normalize(name)
  if (path.startsWith('..') || path.startsWith('/')) throw new Error(`${name} is outside of the model's folder`)
  return join(folder, path)
}
