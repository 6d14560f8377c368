import { sha256 } from '../../../node/sha256.ts'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { Pack } from 'tar-stream'
import { Refused } from '../../../core/refused.ts'
import { type Location, locationUri, keyPrefix } from '../../../lake/lake.ts'
import { isMarker, type ModelFile } from '../artifacts/files.ts'
import { partSize, partsOf } from '../artifacts/parts.ts'

/** Parts uploaded at a time, while one more is being filled. */
const AT_ONCE = 2
/** gzip's chunk size in bytes: the same as S3's stream, which makes a quarter of the default's garbage. */
const CHUNK = 64 * 1024
/** The metadata key with the digest of what a package was made from. */
const SOURCE = 'landfall-source'
/** Part of the digest: raised when packages are made differently, so that they are made again. */
const LAYOUT = 'tar-1'

/**
 * Streams the files of a folder into one `model.tar.gz`, in constant memory: three parts.
 *
 * gzip only stores (level 0), since weights hardly compress and trying costs more than it saves. Equal files give equal bytes.
 * The upload replaces the object atomically, and only if nobody changed it in the meantime.
 *
 * @throws {Refused} `archived` if a file is in an archive class
 * @throws once `deadline` is aborted; also if a file changed since it was listed, or somebody else wrote `to`: a retry then
 * sees the new content
 */
export async function packFolder(
  client: S3Client,
  folder: Location,
  listed: readonly ModelFile[],
  to: Location,
  deadline: AbortSignal,
): Promise<void> {
  const files = listed.filter((file) => !isMarker(file)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const source = digestOf(files)
  const target = { Bucket: to.bucket, Key: to.prefix }
  const there = await head(client, target)
  if (there?.source === source) return
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: 'application/gzip', Metadata: { [SOURCE]: source } }),
  )
  const upload = { ...target, UploadId }
  try {
    const Parts = await uploadTar(client, folder, files, upload, deadline)
    const condition = there === undefined ? { IfNoneMatch: '*' } : { IfMatch: there.etag }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } }))
  } catch (error) {
    await abort(client, upload, error)
    if (isNamed(error, ...RACED) && (await head(client, target))?.source === source) return
    throw error
  }
}

/** Errors of CompleteMultipartUpload if somebody else wrote the object or completed the upload first. */
const RACED = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchUpload']

const isNamed = (error: unknown, ...names: string[]): boolean => error instanceof Error && names.includes(error.name)

interface Target {
  readonly Bucket: string
  readonly Key: string
}

interface Upload extends Target {
  readonly UploadId: string | undefined
}

/** Equal files give equal digests, whenever they were written. */
function digestOf(files: readonly ModelFile[]): string {
  const text = JSON.stringify([LAYOUT, files.map(({ path, size, etag }) => [path, size, etag])])
  return sha256(text)
}

async function head(client: S3Client, target: Target) {
  try {
    const { Metadata, ETag } = await client.send(new HeadObjectCommand(target))
    return { source: Metadata?.[SOURCE], etag: ETag }
  } catch (error) {
    // HEAD has no body, so it can only say NotFound.
    if (isNamed(error, 'NotFound')) return undefined
    throw error
  }
}

/** The parts of an unfinished upload cost money until it is aborted. */
async function abort(client: S3Client, upload: Upload, error: unknown): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload))
  } catch (left) {
    if (isNamed(left, 'NoSuchUpload')) return
    const where = `${upload.UploadId} to s3://${upload.Bucket}/${upload.Key}`
    throw new AggregateError([error, left], `the upload ${where} failed, and could not be aborted either`, {
      cause: left,
    })
  }
}

async function uploadTar(
  client: S3Client,
  folder: Location,
  files: readonly ModelFile[],
  upload: Upload,
  signal: AbortSignal,
) {
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  // Imported here: few invocations pack a model.
  const { pack } = await import('tar-stream')
  const tar = pack()
  const stop = new AbortController()
  // A failure here ends the stream that the upload reads, and is thrown there.
  const writing = writeFiles(client, folder, files, tar, stop.signal).catch((error: Error) => tar.destroy(error))
  try {
    let parts: CompletedPart[] = []
    const upTo = async (gzip: AsyncIterable<Uint8Array>): Promise<void> => {
      parts = await uploadParts(client, upload, partsOf(gzip, partSize(bytes), AT_ONCE + 1))
    }
    await pipeline(tar, createGzip({ level: 0, chunkSize: CHUNK }), upTo, { signal })
    return parts
  } finally {
    stop.abort()
    await writing
  }
}

/** One file after the other, only as fast as the upload reads. */
async function writeFiles(
  client: S3Client,
  folder: Location,
  files: readonly ModelFile[],
  tar: Pack,
  signal: AbortSignal,
): Promise<void> {
  for (const file of files) {
    // Fixed owner, mode and time, so that equal models give equal packages.
    const header = { name: file.path, size: file.size, mode: 0o644, mtime: new Date(0), type: 'file' } as const
    try {
      const { Body } = await client.send(new GetObjectCommand(objectAt(folder, file)), { abortSignal: signal })
      await pipeline(Body as Readable, tar.entry(header), { signal })
    } catch (cause) {
      throw unreadable(`${locationUri(folder)}/${file.path}`, cause)
    }
  }
  tar.finalize()
}

function unreadable(subject: string, cause: unknown): Error {
  if (isNamed(cause, 'InvalidObjectState')) {
    const detail = { subject, advice: 'Restore it, or log the model again.' }
    return new Refused('archived', 'a file of the model is archived, and cannot be read', detail, { cause })
  }
  const changed = isNamed(cause, 'PreconditionFailed', 'NoSuchKey')
  return new Error(`${subject} ${changed ? 'was changed while the model was packed' : 'could not be read'}`, { cause })
}

/** The object as it was listed; S3 answers PreconditionFailed if it changed. */
export function objectAt({ bucket, prefix }: Location, { path, etag }: ModelFile) {
  return { Bucket: bucket, Key: `${keyPrefix({ prefix })}${path}`, IfMatch: etag }
}

/** In order, {@link AT_ONCE} at a time. While it waits, nothing is read from S3. */
async function uploadParts(client: S3Client, upload: Upload, parts: AsyncIterable<Uint8Array>) {
  const done: CompletedPart[] = []
  const underWay: Promise<CompletedPart>[] = []
  try {
    for await (const Body of parts) {
      if (underWay.length === AT_ONCE) done.push(await underWay.shift()!)
      const part = uploadPart(client, upload, done.length + underWay.length + 1, Body)
      // It is awaited later and may fail before that.
      part.catch(() => {})
      underWay.push(part)
    }
    while (underWay.length > 0) done.push(await underWay.shift()!)
    return done
  } finally {
    // S3 keeps a part that arrives after its upload was aborted.
    await Promise.allSettled(underWay)
  }
}

async function uploadPart(
  client: S3Client,
  upload: Upload,
  PartNumber: number,
  Body: Uint8Array,
): Promise<CompletedPart> {
  const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }))
  return { PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) }
}
