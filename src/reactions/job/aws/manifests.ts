import { PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import type { Table } from '../../../lake/lake.ts'
import type { JobPorts } from '../ports.ts'

/** In the bucket of the table, so that who can read the files can read it. Names that begin with `_` are not data. */
export const MANIFESTS = '_landfall/manifests'

/** Writes manifests to S3; the first one of a name stays (PutObject with `If-None-Match: *`). */
export function manifestsIn(client: S3Client): JobPorts['putManifest'] {
  return async ({ location: { bucket: Bucket } }: Table, name, manifest) => {
    const Key = `${MANIFESTS}/${name}.json`
    const Body = JSON.stringify(manifest)
    try {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', IfNoneMatch: '*' }))
    } catch (error) {
      const exists = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412
      if (!exists) throw error
    }
    return `s3://${Bucket}/${Key}`
  }
}
