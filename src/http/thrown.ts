import type { Scrub } from './scrub.ts'

/** The message of fetch's error is `fetch failed`; the reason is in its cause. */
export function because(thrown: unknown): string {
  const { message = String(thrown), cause } = thrown as { readonly message?: string; readonly cause?: ErrnoLike }
  const inner = cause?.code ?? cause?.message
  return inner === undefined ? message : `${message} (${inner})`
}

interface ErrnoLike {
  readonly code?: string | number
  readonly message?: string
}

/**
 * A new error in place of fetch's, which may quote what was sent or received, also in fields of its own. Loggers write all of it.
 */
export function scrubbedError(thrown: unknown, scrub: Scrub): unknown {
  if (typeof thrown !== 'object' || thrown === null) return scrub.error(String(thrown))
  const { name = 'Error', message = '', stack = '', cause, code } = thrown as Partial<Error> & ErrnoLike
  const inner = cause === undefined ? {} : { cause: scrubbedError(cause, scrub) }
  const scrubbed = new Error(scrub.error(message), inner)
  const more = code === undefined ? {} : { code: scrub.error(`${code}`) }
  return Object.assign(scrubbed, { name: scrub.error(name), stack: scrub.error(stack), ...more })
}
