import { describe } from './actions.ts'

/** A checkpoint that cannot be read. An older one, or the commits alone, may do instead. */
export class BrokenCheckpoint extends Error {
  override readonly name = 'BrokenCheckpoint'
  /** The file at fault. */
  readonly key: string

  constructor(key: string, cause: unknown) {
    super(`${key}: ${cause instanceof Error ? cause.message : describe(cause)}`, { cause })
    this.key = key
  }
}
