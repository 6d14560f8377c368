import type { Fault } from './problem.ts'
import type { Location } from './lake.ts'
import { bucketFault } from './names.ts'

export const locationPattern = '^s3://[^/]+(?:/.*)?$'

const expected = 's3://BUCKET/PREFIX'

/**
 * Characters that S3 advises against in keys, and those that are wildcards in an EventBridge pattern
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /[\u0000-\u001f\u007f*?\\{}^%`[\]"<>~#|]/

/** Drops a trailing slash. `undefined` if the text is not a location; see {@link locationFault}. */
export function parseLocation(text: string): Location | undefined {
  if (locationFault(text) !== undefined) return undefined
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(text)!
  return { bucket: bucket!, prefix: prefix!.replace(/\/$/, '') }
}

/** What is wrong with a location; `undefined` if nothing is. */
export function locationFault(text: string): Fault | undefined {
  const what = 'bad location'
  if (!new RegExp(locationPattern).test(text)) {
    const guess = text.replace(/^(?:s3[an]?:)?\/*/i, 's3://')
    const fits = guess !== text && /^s3[an]?:/i.test(text) && locationFault(guess) === undefined
    return { what, expected, suggestion: fits ? guess : undefined }
  }
  // Rights are granted on it, and S3 has no such bucket as `*`.
  const badBucket = bucketFault(/^s3:\/\/([^/]+)/.exec(text)![1]!)
  if (badBucket !== undefined) return { what, expected: `a bucket with ${badBucket.expected}` }
  const prefix = text.replace(/^s3:\/\/[^/]+\/?/, '').replace(/\/$/, '')
  if (prefix === '') return undefined
  const parts = prefix.split('/')
  if (parts.includes(''))
    return {
      what,
      expected: 'a prefix without an empty part between slashes',
      suggestion: text.replaceAll(/(?<!:)\/{2,}/g, '/'),
    }
  if (parts.some((part) => part === '.' || part === '..'))
    return { what, expected: 'a prefix without . or .. as a part' }
  if (parts.includes('_delta_log')) return { what, expected: "the table's own prefix, without _delta_log" }
  const bad = forbidden.exec(prefix)
  if (bad !== null) return { what, expected: `a prefix without ${JSON.stringify(bad[0])}` }
  return undefined
}
