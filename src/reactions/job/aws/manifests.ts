import { PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import type { Table } from '../../../lake/lake.ts'
import type { JobPorts } from '../ports.ts'

/** Beside the tables, in their bucket: whoever may read the files may read it. Names that begin with `_` are no data. */
export const MANIFESTS = '_landfall/manifests'

/** Manifests in S3. The first of a name stays (PutObject with `If-None-Match: *`). */
export function manifestsIn(client: S3Client): JobPorts['putManifest'] {
  return async ({ location: { bucket: Bucket } }: Table, name, manifest) => {
    const Key = `${MANIFESTS}/${name}.json`
    const Body = JSON.stringify(manifest)
    try {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', IfNoneMatch: '*' }))
    } catch (error) {
      const isThere = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412
      if (!isThere) throw error
    }
    return `s3://${Bucket}/${Key}`
  }
}
