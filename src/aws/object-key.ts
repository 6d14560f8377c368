/**
 * An object's key, as S3 encodes it in listings (`EncodingType: 'url'`) and in notifications: as in HTML forms, where a space is
 * a plus. Unencoded listings are XML 1.0, which cannot hold every character of a key (API reference, ListObjectsV2).
 *
 * @returns `undefined` if it is not encoded UTF-8. S3 has only keys in UTF-8; other stores with its API may have others.
 */
export function decodedKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
