/**
 * Hides credentials that stand in addresses, `https://user:password@host`, `https://host?token=…`, and those with a name, as
 * `{"token": "…"}`: what belongs into a secret is easily written in place of the secret's name.
 */

const HIDDEN = '***'

/** What begins with a scheme, or with an authority. WHATWG's URLs take \ for /. */
const SCHEME = /^\s*(?:[a-z][a-z0-9+.-]*:)?[\\/]{2,}/i
/** `user:password@`, also where the scheme is missing; but no ARN, and no image with a tag and a digest. */
const PAIR = /^(?!arn:)[^@]*:[^@]*@(?!sha256:)/is
/** `{"token": "…"` or `client_secret=…`, and what follows in its line. No key of lake.yml has such a name. */
const NAMED =
  /(\b[\w-]*(?:token|password|passwd|passphrase|client_?secret|(?:api|access|secret)_?key)['"]?\s*[:=]\s*)(\S.*)/gi
const HTTP = /^\s*https?:/i

/** A value for a message: `***` is in place of its user and password, also if it is no valid URL; and of a query. */
export function withoutCredentials(value: string): string {
  if (value.search(NAMED) !== -1) return HIDDEN
  const scheme = SCHEME.exec(value)?.[0]
  // The last @, since a password may hold another, or a slash.
  const end = value.lastIndexOf('@')
  const hasUser = end !== -1 && (scheme !== undefined || PAIR.test(value))
  const shown = hasUser ? `${scheme ?? ''}${HIDDEN}${value.slice(end)}` : value
  return HTTP.test(value) ? shown.replace(/[?#].+$/s, `?${HIDDEN}`) : shown
}

/** A message or a piece of a file, in which addresses may stand anywhere. As long as before if `keepsLength`. */
export function withoutAddressCredentials(text: string, keepsLength = false): string {
  const hidden = (what: string) => (keepsLength ? '*'.repeat(what.length) : HIDDEN)
  return text
    .replaceAll(/(:\/\/)([^\s/?#'"]+)(?=@)/g, (_all, start: string, user: string) => start + hidden(user))
    .replaceAll(/(https?:\/\/[^\s?#'"]*[?#])([^\s'",}\]]+)/gi, (_all, start: string, query: string) => {
      return start + hidden(query)
    })
    .replaceAll(NAMED, (_all, start: string, rest: string) => start + hidden(rest))
}
