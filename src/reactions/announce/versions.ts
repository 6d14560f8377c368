import type { Progress } from '../../core/reaction.ts'
import type { CommitSummary } from './facts.ts'

/** One version of a table, and how far a reader has come that has taken it. */
export interface AnnouncedVersion {
  readonly summary: CommitSummary
  readonly reached: Progress
}

/** Some versions of a table, in order. */
export interface Backlog {
  /** At least one. */
  readonly versions: readonly AnnouncedVersion[]
  /** True: newer ones are there. */
  readonly more: boolean
}

/** Where reading goes on. */
export interface Position {
  /** The last version that was taken; -1 for none. */
  readonly after: number
  /** As {@link Progress} had it. Absent: nothing is known of the table, as after a replay. */
  readonly state?: string
}

/** The versions of one table, one by one, whatever its format. */
export interface VersionSource {
  /**
   * Where the first read begins: before version 0 of a short history, before the newest version of a long one. `undefined`:
   * there is no table yet.
   */
  begin(): Promise<Position | undefined>
  /**
   * The versions after `position`. `undefined`: there are none yet. A table that was made anew since begins again, at its
   * version 0.
   *
   * @throws {Refused} for the first version when it must not or cannot be interpreted
   */
  read(position: Position): Promise<Backlog | undefined>
}

/** A history with fewer versions is announced from its beginning. */
export const SHORT_HISTORY = 100

/** How much is read at once; at least one version. */
export const ROUND = { versions: 256, bytes: 32_000_000 } as const
