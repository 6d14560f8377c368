import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares digests, so that the time it takes reveals neither contents nor lengths. */
export function equalSecrets(given: string | Uint8Array, secret: string): boolean {
  const digest = (value: string | Uint8Array) => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(given), digest(secret))
}

/** An `Authorization` header of HTTP Basic (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/** The scheme in any case, one or more spaces (RFC 9110, 11.1 and 11.4), and base64 of either alphabet, padded or not. */
const BASIC = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i

/** The bytes `user:password` in an `Authorization` header of HTTP Basic (RFC 7617); `undefined` if it is no such header. */
export function basicCredentials(authorization: string): Uint8Array | undefined {
  const [, encoded] = BASIC.exec(authorization) ?? []
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}
