import { keyPrefix } from '../../lake/lake.ts'
import { type _Object, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { ListedObject, TableObjects } from '../landing/objects.ts'
import type { S3Place } from './s3-store.ts'

/**
 * The objects of a table of files in S3. One object is found by a listing that begins and ends with its key: a HEAD would
 * ask for the right to read the data, which nothing here does.
 */
export function s3TableObjects(client: S3Client, { bucket, prefix }: S3Place): TableObjects {
  const root = keyPrefix({ prefix })
  return {
    async find(key) {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: root + key, MaxKeys: 1 }),
      )
      const [first] = Contents
      return first?.Key === root + key ? contentOf(first) : undefined
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
    for (const object of page.Contents ?? [])
      // A marker of the table's own folder has no key of its own in it.
      if (object.Key !== undefined && object.Key !== root)
        yield { key: object.Key.slice(root.length), ...contentOf(object) }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

/** HTTP's ETags are quoted, those of events are not. */
function contentOf({ ETag = '', Size = 0 }: _Object): { etag: string; size: number } {
  return { etag: ETag.replace(/^"(.*)"$/, '$1'), size: Size }
}
