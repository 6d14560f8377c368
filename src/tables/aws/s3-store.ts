import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Refused } from '../../core/refused.ts'
import { keyPrefix, type Location, locationUri } from '../../lake/lake.ts'
import { type Listed, type RandomAccess, requireSize, type StoredObject, type TableStore } from '../store.ts'
import { decompressors } from '../node/decompressors.ts'
import { listObjects } from './list-objects.ts'

/** The files of a table in S3. */
export function s3Store(client: S3Client, { bucket, prefix }: Location): TableStore {
  const root = keyPrefix({ prefix })
  const at = (key: string) => ({ Bucket: bucket, Key: root + key })
  return {
    location: locationUri({ bucket, prefix }),
    decompressors,
    get: (key, most) => unlessMissing(() => getObject(client, at(key), key, most)),
    open: (key, size) => unlessMissing(() => openObject(client, at(key), size)),
    list: (under, after) => list(client, bucket, root, under, after),
  }
}

interface ObjectAt {
  readonly Bucket: string
  readonly Key: string
}

async function getObject(client: S3Client, at: ObjectAt, key: string, most?: number): Promise<StoredObject> {
  const { Body, LastModified, ContentLength = 0 } = await send(client, at)
  const body = Body as (AsyncIterable<Uint8Array> & { destroy?(): void }) | undefined
  try {
    requireSize(key, ContentLength, most)
    return { bytes: new Uint8Array(await readBody(body, ContentLength)), modified: LastModified?.getTime() ?? 0 }
  } catch (error) {
    body?.destroy?.()
    throw error
  }
}

/** @throws {Refused} `archived`: the object exists, but cannot be read until somebody restores it. */
async function send(client: S3Client, input: ObjectAt & { readonly Range?: string }): Promise<GetObjectCommandOutput> {
  try {
    return await client.send(new GetObjectCommand(input))
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'InvalidObjectState') throw cause
    const subject = `s3://${input.Bucket}/${input.Key}`
    throw new Refused(
      'archived',
      'the object is archived and cannot be read until it is restored',
      { subject },
      { cause },
    )
  }
}

/** Asking for the size costs a HEAD, so a known one is passed in. */
async function openObject(client: S3Client, at: ObjectAt, known?: number): Promise<RandomAccess> {
  const size = known ?? (await client.send(new HeadObjectCommand(at))).ContentLength ?? 0
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (end <= start) return new ArrayBuffer(0)
      const { Body } = await send(client, { ...at, Range: `bytes=${start}-${end - 1}` })
      return readBody(Body as AsyncIterable<Uint8Array> | undefined, end - start)
    },
  }
}

/** Puts a body of at most `size` bytes where it stays: a column of a large checkpoint is not held twice. */
async function readBody(body: AsyncIterable<Uint8Array> | undefined, size: number): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(size)
  let filled = 0
  for await (const part of body ?? []) {
    if (part.length > size - filled) throw new Error(`S3 returned more than the ${size} bytes that were asked for`)
    new Uint8Array(buffer, filled).set(part)
    filled += part.length
  }
  return filled === size ? buffer : buffer.slice(0, filled)
}

async function* list(
  client: S3Client,
  bucket: string,
  root: string,
  under: string,
  after?: string,
): AsyncGenerator<Listed> {
  const objects = listObjects(client, bucket, root + under, after === undefined ? undefined : root + after)
  for await (const { Key, Size, LastModified } of objects)
    if (Key !== undefined)
      yield { key: Key.slice(root.length), size: Size ?? 0, modified: LastModified?.getTime() ?? 0 }
}

async function unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // HEAD has no body, so its error is the generic NotFound. A missing bucket (NoSuchBucket) is an error.
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')) return undefined
    throw error
  }
}
