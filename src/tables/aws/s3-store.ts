import { keyPrefix, locationUri } from '../../lake/lake.ts'
/** A table in S3, over a client that the caller makes. */
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Refused } from '../../core/refused.ts'
import type { Listed, RandomAccess, StoredObject, TableStore } from '../store.ts'
import { decompressors } from '../node/decompressors.ts'

/** Where the table lies: no slash at either end of `prefix`; empty for a whole bucket. */
export interface S3Place {
  readonly bucket: string
  readonly prefix: string
}

export function s3Store(client: S3Client, { bucket, prefix }: S3Place): TableStore {
  const root = keyPrefix({ prefix })
  const at = (key: string) => ({ Bucket: bucket, Key: root + key })
  return {
    location: locationUri({ bucket, prefix }),
    decompressors,
    get: (key) => unlessMissing(() => getObject(client, at(key))),
    open: (key, size) => unlessMissing(() => openObject(client, at(key), size)),
    list: (under, after) => list(client, bucket, root, under, after),
  }
}

interface ObjectAt {
  readonly Bucket: string
  readonly Key: string
}

async function getObject(client: S3Client, at: ObjectAt): Promise<StoredObject> {
  const { Body, LastModified } = await send(client, at)
  return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(0), modified: LastModified?.getTime() ?? 0 }
}

/** @throws {Refused} `archived`: such an object is there, and stays as it is until somebody restores it. */
async function send(client: S3Client, input: ObjectAt & { readonly Range?: string }): Promise<GetObjectCommandOutput> {
  try {
    return await client.send(new GetObjectCommand(input))
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'InvalidObjectState') throw cause
    const subject = `s3://${input.Bucket}/${input.Key}`
    throw new Refused('archived', 'it is archived, and cannot be read before it is restored', { subject }, { cause })
  }
}

/** The size, where nobody knows it yet, costs a HEAD. */
async function openObject(client: S3Client, at: ObjectAt, known?: number): Promise<RandomAccess> {
  const size = known ?? (await client.send(new HeadObjectCommand(at))).ContentLength ?? 0
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (end <= start) return new ArrayBuffer(0)
      const { Body } = await send(client, { ...at, Range: `bytes=${start}-${end - 1}` })
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array(0)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    },
  }
}

/** The listing's own order is that of the keys' bytes; `StartAfter` spares the pages before. */
async function* list(
  client: S3Client,
  bucket: string,
  root: string,
  under: string,
  after?: string,
): AsyncGenerator<Listed> {
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: root + under,
        ...(token === undefined ? after !== undefined && { StartAfter: root + after } : { ContinuationToken: token }),
      }),
    )
    for (const { Key, Size, LastModified } of page.Contents ?? [])
      if (Key !== undefined)
        yield { key: Key.slice(root.length), size: Size ?? 0, modified: LastModified?.getTime() ?? 0 }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

async function unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // HEAD has no body, so it can only say NotFound; a missing bucket is not a missing object.
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')) return undefined
    throw error
  }
}
