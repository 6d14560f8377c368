/**
 * The two kinds of failure, told apart once and by type: what can never succeed is a {@link Refused}; every other error
 * may succeed later, is thrown on, retried by the queue and ends in the dead-letter queue.
 */

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
