/** The rules for names and other short texts in lake.yml. Each returns what is wrong, or `undefined`. */
import { withoutCredentials } from './credentials.ts'
import type { Fault } from './problem.ts'

type Rule = (text: string) => Fault | undefined

/** A name that the user chooses. It becomes part of subjects and of `${buckets.NAME}`. */
export const namePattern = '^[a-z][a-z0-9_-]{0,62}$'

export const nameFault: Rule = (text) => {
  const expected = 'a lower-case letter, then up to 62 lower-case letters, digits, - or _'
  return matches(text, namePattern, 'bad name', expected, text.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-'))
}

/** The name of a lake or a stage. It is part of the stack's name, where CloudFormation allows no underscore. */
export const deployNamePattern = '^[a-z][a-z0-9-]{0,38}$'

export const deployNameFault: Rule = (text) => {
  const expected = 'a lower-case letter, then up to 38 lower-case letters, digits or hyphens'
  return matches(text, deployNamePattern, 'bad name', expected, text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-'))
}

export const bucketPattern = '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'

const reservedStarts = ['xn--', 'sthree-', 'amzn-s3-demo-']
const reservedEnds = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, general purpose buckets. */
export const bucketFault: Rule = (text) => {
  const what = 'bad bucket name'
  const shape = '3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends'
  const guess = text.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-')
  const bad = matches(text, bucketPattern, what, shape, guess)
  if (bad !== undefined) return bad
  if (text.includes('..')) return { what, expected: 'no two dots in a row' }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return { what, expected: 'a name that does not look like an IP address' }
  const start = reservedStarts.find((reserved) => text.startsWith(reserved))
  if (start !== undefined) return { what, expected: `a name that does not begin with ${start}, which S3 reserves` }
  const end = reservedEnds.find((reserved) => text.endsWith(reserved))
  if (end !== undefined) return { what, expected: `a name that does not end with ${end}, which S3 reserves` }
  return undefined
}

/** A partition column, as in the path `column=value`. */
export const columnPattern = '^[^\\s/=]{1,255}$'

export const columnFault: Rule = (text) =>
  matches(text, columnPattern, 'bad column name', 'a column name: no spaces, no / and no =')

export const urlPattern = '^https?://[^\\s@/?#\\\\]+(?:/[^\\s@?#\\\\]*)?$'

/** Tokens are sent to it, so it needs TLS unless it is on this machine. What it holds is deployed and shown, so no credentials. */
export const urlFault: Rule = (text) => {
  const url = URL.parse(text)
  const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const isSecure = url?.protocol === 'https:' || (isLocal && url.protocol === 'http:')
  if (isSecure && new RegExp(urlPattern, 'i').test(text)) return undefined
  const what = /[@?#]/.test(text) ? 'credentials or a query in an address' : 'bad address'
  const secure = 'an https:// address (http:// only for localhost)'
  const expected = `${secure}${what === 'bad address' ? '' : ' without user, password and query: they belong in the secret'}`
  return { what, expected, suggestion: secureAddress(text, isLocal) }
}

/** The address that was probably meant: with TLS, without what would be credentials. */
function secureAddress(text: string, isLocal: boolean): string | undefined {
  // With an @ behind the host, its beginning may be a part of a password.
  const plain = /^(?:[a-z]+:\/\/)?(?:[^@/\\?#]*@)?[^@]+$/i.test(text) ? text : ''
  const url = /^[a-z]+:\/\/[^/\\]/i.test(plain) ? URL.parse(plain) : URL.parse(`https://${plain}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  return `${isLocal ? url.protocol : 'https:'}//${url.host}${url.pathname.replace(/\/+$/, '')}`
}

const keyExample = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

export const keyPattern =
  '^arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$'

/** No alias: IAM takes only a key's ARN as a resource (KMS developer guide, "KMS keys as resources in IAM policies"). */
export const keyFault: Rule = (text) =>
  matches(text, keyPattern, 'bad key', `the full ARN of a KMS key, no alias and no *, as in ${keyExample}`)

export const anyText: Rule = (text) => (text.trim() === '' ? { what: 'empty text', expected: 'some text' } : undefined)

/** The fault of a text that does not match a pattern. `guess` is suggested if it matches. */
export function matches(
  text: string,
  pattern: string,
  what: string,
  expected: string,
  guess?: string,
): Fault | undefined {
  const regex = new RegExp(pattern)
  if (regex.test(text)) return undefined
  const isSecret = withoutCredentials(text) !== text
  return { what, expected, suggestion: guess !== undefined && !isSecret && regex.test(guess) ? guess : undefined }
}
