import type { _Object, S3Client } from '@aws-sdk/client-s3'
import { keyPrefix, type Location } from '../../lake/lake.ts'
import type { ListedObject, TableObjects } from '../landing/objects.ts'
import { listObjects, listPage } from './list-objects.ts'

/**
 * The objects of a table of files in S3. One object is looked up by listing its key: a HEAD would need `s3:GetObject`, the
 * right to read the data, which the landing log does not need.
 */
export function s3TableObjects(client: S3Client, { bucket, prefix }: Location): TableObjects {
  const root = keyPrefix({ prefix })
  return {
    async find(key) {
      const { objects } = await listPage(client, { Bucket: bucket, Prefix: root + key, MaxKeys: 1 })
      const [first] = objects
      return first?.Key === root + key ? contentOf(first) : undefined
    },
    list: (after) => list(client, bucket, root, after),
  }
}

async function* list(client: S3Client, bucket: string, root: string, after?: string): AsyncGenerator<ListedObject> {
  for await (const object of listObjects(client, bucket, root, after === undefined ? undefined : root + after))
    // The marker of the table's own folder has no key within the table.
    if (object.Key !== undefined && object.Key !== root)
      yield { key: object.Key.slice(root.length), ...contentOf(object) }
}

/** HTTP's ETags are quoted, those of events are not. */
function contentOf({ ETag = '', Size = 0 }: _Object): { etag: string; size: number } {
  return { etag: ETag.replace(/^"(.*)"$/, '$1'), size: Size }
}
