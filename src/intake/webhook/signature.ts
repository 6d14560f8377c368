import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether `given` is the HMAC-SHA256 of the concatenated parts under one of the secrets. All secrets are tried, so that the
 * time it takes reveals neither how much of a signature is right nor which secret it was made with.
 */
export function signedByAny(
  secrets: readonly string[],
  parts: readonly (string | Uint8Array)[],
  given: Uint8Array,
): boolean {
  let held = false
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) hmac.update(part)
    held = timingSafeEqual(hmac.digest(), given) || held
  }
  return held
}
