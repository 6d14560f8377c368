/**
 * The two kinds of failure, told apart once and by type: what can never succeed is a {@link Refused}; every other error
 * may succeed later, is thrown on, retried by the queue and ends in the dead-letter queue.
 */

/** In characters. */
const LONGEST_REASON = 2_000

/**
 * As much of a reason as anybody reads. What is at fault may be quoted in it at any length, and neither a fact (256 kB) nor an
 * item of the ledger (400 kB) holds that: what cannot be recorded would be tried again for ever.
 */
export function reasonText(reason: string): string {
  return reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON).toWellFormed()}…`
}

/** Where in the outside world a refusal lies, so that an operator can find it. */
export interface RefusalDetail {
  /** The object, field or feature that is at fault, e.g. an S3 key or a reader feature's name. */
  readonly subject?: string
  readonly expected?: string
  readonly found?: string
  /** What the operator can do about it, in the imperative. */
  readonly advice?: string
}

/**
 * Something that no retry can mend: an unknown reader feature, a commit that is not JSON, an input that breaks its schema.
 * It is recorded, published and shown, never retried in vain.
 */
export class Refused extends Error {
  override readonly name: string = 'Refused'
  /** Stable, kebab-case, for scripts and tests: `unknown-reader-feature`, `not-json`, `version-gap`, … */
  readonly code: string
  readonly detail: RefusalDetail

  constructor(code: string, message: string, detail: RefusalDetail = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.detail = detail
  }
}
