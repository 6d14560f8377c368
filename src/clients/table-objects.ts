import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { ListedObject, TableObjects } from '../tables/landing/objects.ts'
import type { S3Place } from './s3-store.ts'

/** The objects of a table of files in S3. */
export function s3TableObjects(client: S3Client, { bucket, prefix }: S3Place): TableObjects {
  const root = prefix === '' ? '' : `${prefix}/`
  return {
    async head(key) {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: root + key }))
        return { etag: unquoted(found.ETag), size: found.ContentLength ?? 0 }
      } catch (error) {
        // HEAD has no body, so it can only say NotFound; a delete marker says so too.
        if (error instanceof Error && error.name === 'NotFound') return undefined
        throw error
      }
    },
    list: (after) => list(client, bucket, root, after),
  }
}

async function* list(client: S3Client, Bucket: string, root: string, after?: string): AsyncGenerator<ListedObject> {
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: root,
        ...(token === undefined ? after !== undefined && { StartAfter: root + after } : { ContinuationToken: token }),
      }),
    )
    for (const { Key, Size = 0, ETag } of page.Contents ?? [])
      // A marker of the table's own folder has no key of its own in it.
      if (Key !== undefined && Key !== root) yield { key: Key.slice(root.length), etag: unquoted(ETag), size: Size }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

/** HTTP's ETags are quoted, those of events are not. */
function unquoted(etag = ''): string {
  return etag.replace(/^"(.*)"$/, '$1')
}
