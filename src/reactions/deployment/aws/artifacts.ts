import type { Readable } from 'node:stream'
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { decodedKey } from '../../../aws/object-key.ts'
import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri, keyPrefix } from '../../../lake/lake.ts'
import type { Artifacts } from '../ports.ts'
import { MOST_FILES, type ModelFile, undecodable } from '../artifacts/files.ts'
import { checkMlmodelSize } from '../artifacts/mlmodel.ts'
import { checkFolder, inspected, tooManyFiles } from '../artifacts/inspect.ts'
import { objectAt, packFolder } from './pack.ts'

/** The time for packing in a function that may run for 15 minutes, with some left to abort the upload and report. */
const PACK_WITHIN = 13 * 60_000

/** Models' folders in S3. A package that is not complete in time is aborted. */
export function s3Artifacts(client: S3Client, packWithin = PACK_WITHIN): Artifacts {
  return {
    async inspect(folder, uncompressed) {
      const files = await listFolder(client, folder)
      const mlmodel = checkFolder(folder, files, uncompressed)
      return inspected(folder, files, await read(client, folder, mlmodel))
    },
    async pack(folder, to) {
      const files = await listFolder(client, folder)
      checkFolder(folder, files, false)
      const deadline = AbortSignal.timeout(packWithin)
      try {
        await packFolder(client, folder, files, to, deadline)
        return 'packed'
      } catch (error) {
        // Every other error is caused by the abort. An upload that could not be aborted must be known.
        if (!deadline.aborted || error instanceof AggregateError) throw error
        return 'too-slow'
      }
    },
    async removePackage({ bucket, prefix }) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix }))
    },
  }
}

/**
 * All objects below a folder.
 *
 * @throws {Refused} `bad-artifacts` if there are too many, or a key is not text; `no-artifacts` if the bucket does not exist
 */
async function listFolder(client: S3Client, folder: Location): Promise<ModelFile[]> {
  const root = keyPrefix(folder)
  const files: ModelFile[] = []
  let token: string | undefined
  do {
    const page = await listPage(client, folder, root, token)
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      const key = page.EncodingType === 'url' ? decodedKey(Key) : Key
      if (key === undefined) throw undecodable(folder, Key)
      files.push({ path: key.slice(root.length), size: Size, etag: ETag })
    }
    if (files.length > MOST_FILES) throw tooManyFiles(folder)
    token = page.NextContinuationToken
  } while (token !== undefined)
  return files
}

async function listPage(client: S3Client, folder: Location, Prefix: string, ContinuationToken?: string) {
  try {
    return await client.send(
      new ListObjectsV2Command({ Bucket: folder.bucket, Prefix, EncodingType: 'url', ContinuationToken }),
    )
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'NoSuchBucket') throw cause
    const detail = {
      subject: locationUri(folder),
      expected: 'the bucket that the registry keeps its artifacts in',
      found: `no bucket ${folder.bucket}`,
      advice: 'Check the `artifacts` of the registry in lake.yml.',
    }
    throw new Refused('no-artifacts', `there is no bucket ${folder.bucket}`, detail, { cause })
  }
}

/** Counted again while it is read: the size in a listing is only what S3 says. */
async function read(client: S3Client, folder: Location, file: ModelFile): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand(objectAt(folder, file)))
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of Body as Readable as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    checkMlmodelSize(bytes, folder)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
