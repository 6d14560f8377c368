/** In characters. */
const LONGEST_REASON = 2_000

/**
 * A reason, cut to a readable length and without control characters. It may quote an input of any length, which would exceed
 * what a fact (256 kB) or an item of the ledger (400 kB) holds, and of any characters, while a registry on PostgreSQL stores
 * no NUL in a tag. A refusal that cannot be recorded would be retried for ever.
 */
export function reasonText(reason: string): string {
  const cut = reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON)}…`
  return cut.toWellFormed().replaceAll(/[^\P{Cc}\t\n]/gu, '\uFFFD')
}

/** What an operator needs to find and fix the cause of a refusal. */
export interface RefusalDetail {
  /** The object, field or feature at fault, e.g. an S3 key or a reader feature. */
  readonly subject?: string
  readonly expected?: string
  readonly found?: string
  /** What the operator can do about it, in the imperative. */
  readonly advice?: string
}

/**
 * What can never succeed: an unknown reader feature, a commit that is not JSON, an input that does not match its schema. It is
 * recorded, published and shown, not retried. Every other error may succeed later: it is thrown, retried by the queue, and
 * ends in the dead-letter queue.
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
