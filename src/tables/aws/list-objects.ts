import { type _Object, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'

/** All objects whose key begins with `prefix`, in the byte order of their keys, from the first one after `startAfter`. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  startAfter?: string,
): AsyncGenerator<_Object> {
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        StartAfter: token === undefined ? startAfter : undefined,
        ContinuationToken: token,
      }),
    )
    yield* page.Contents ?? []
    token = page.NextContinuationToken
  } while (token !== undefined)
}
