import { Refused, type RefusalDetail } from '../../core/refused.ts'
import type { EpochMs } from '../../core/time.ts'
import type { Protocol, TableMetadata } from '../change.ts'

/** What could be read of a table before it was refused. */
export interface Known {
  readonly version?: number
  readonly timestamp?: EpochMs
  readonly protocol?: Protocol
  readonly metadata?: TableMetadata
}

/** A table, or a version of one, that cannot be interpreted without guessing. */
export class RefusedTable extends Refused {
  /** What is refused, by name: a reader feature, `version gap 3..5`, a file. */
  readonly unsupported: readonly string[]
  readonly known: Known

  constructor(code: string, message: string, about: RefusalAbout, options?: ErrorOptions) {
    const { unsupported, known, ...detail } = about
    super(code, message, { subject: unsupported.join(', '), ...detail }, options)
    this.unsupported = unsupported
    this.known = known ?? {}
  }

  /** The same refusal, with more of what is known. What it has already stays. */
  with(known: Known): RefusedTable {
    const about = { ...this.detail, unsupported: this.unsupported, known: { ...known, ...this.known } }
    return new RefusedTable(this.code, this.message, about, { cause: this.cause })
  }
}

interface RefusalAbout extends RefusalDetail {
  readonly unsupported: readonly string[]
  readonly known?: Known
}
