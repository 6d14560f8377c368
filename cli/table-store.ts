/** Where a Delta table is, as given on the command line. */
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TableStore } from '../src/tables/store.ts'
import { withoutCredentials } from './aws-errors.ts'
import { UsageError } from './command.ts'

/**
 * The table at `s3://bucket/prefix`, a path or a file:// URL. The S3 client is loaded only when needed: that takes longer than
 * reading most folders.
 * @throws {UsageError} for any other scheme
 */
export async function storeAt(location: string): Promise<TableStore> {
  const s3 = /^s3[an]?:\/\/(?<bucket>[^/]+)\/?(?<prefix>.*?)\/*$/iu.exec(location)?.groups
  if (s3 !== undefined) {
    const [{ s3Store }, { S3Client }] = await Promise.all([
      import('../src/tables/aws/s3-store.ts'),
      import('@aws-sdk/client-s3'),
    ])
    // Custom endpoints seldom have a host name for each bucket.
    const ownEndpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']
    const client = new S3Client({ forcePathStyle: ownEndpoint !== undefined, followRegionRedirects: true })
    return s3Store(client, { bucket: s3['bucket'] ?? '', prefix: s3['prefix'] ?? '' })
  }
  if (/^(s3[an]?:|[a-z][a-z0-9+.-]+:\/\/)/iu.test(location) && !location.startsWith('file://'))
    throw new UsageError(`expected s3://bucket/prefix (or s3a://…), a path or a file:// URL, found '${location}'`)
  const { folderStore } = await import('../src/tables/node/folder.ts')
  const path = location.startsWith('file://') ? fileURLToPath(location) : location
  return folderStore(isAbsolute(path) ? path : resolve(path))
}

/** S3's own messages do not name the location: a bucket that does not exist, or belongs to another account. */
export function unread({ location }: Pick<TableStore, 'location'>, cause: unknown): unknown {
  if (!location.startsWith('s3://') || !(cause instanceof Error)) return cause
  return withoutCredentials(cause) ?? new Error(`cannot read ${location}`, { cause })
}
