import { type _Object, ListObjectsV2Command, type ListObjectsV2CommandInput, type S3Client } from '@aws-sdk/client-s3'
import { decodedKey } from '../../aws/object-key.ts'

/** All objects whose key begins with `prefix`, in the byte order of their keys, from the first one after `startAfter`. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  startAfter?: string,
): AsyncGenerator<_Object> {
  let token: string | undefined
  do {
    const page = await listPage(client, {
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: token === undefined ? startAfter : undefined,
      ContinuationToken: token,
    })
    yield* page.objects
    token = page.next
  } while (token !== undefined)
}

/** One page of a listing. A key that is not encoded UTF-8, which S3 never sends, stays as it is. */
export async function listPage(
  client: S3Client,
  input: Omit<ListObjectsV2CommandInput, 'EncodingType'>,
): Promise<{ readonly objects: readonly _Object[]; readonly next: string | undefined }> {
  const page = await client.send(new ListObjectsV2Command({ ...input, EncodingType: 'url' }))
  const objects = page.Contents ?? []
  return {
    objects:
      page.EncodingType === 'url'
        ? objects.map(({ Key = '', ...rest }) => ({ ...rest, Key: decodedKey(Key) ?? Key }))
        : objects,
    next: page.NextContinuationToken,
  }
}
