import type { EpochMs } from '../core/time.ts'
import type { Change, FileEntry } from './change.ts'

/**
 * The log of a table, as reactions read it: Delta's own, or the landing log that Landfall keeps for a table of files.
 */
export interface TableLog {
  /** The newest version; -1 when there is none. `after` is where to start looking; a wrong value only costs time. */
  newest(after: number): Promise<number>
  /**
   * Everything in (after, version] as one change. `undefined` when the log no longer has all of it: start over from
   * {@link live}.
   */
  change(after: number, version: number): Promise<Change | undefined>
  /**
   * The files with new rows in (after, version]. Not the files that a rearrangement (OPTIMIZE) wrote, but those it replaced;
   * and not files that were deleted or overwritten again by `version`. `undefined` as for {@link change}.
   */
  newFiles(after: number, version: number): Promise<NewFiles | undefined>
  /** What is live at `version`, or at a newer one; the result says which. */
  live(version: number): Promise<Live>
}

export interface NewFiles {
  readonly version: number
  /** When `version` was committed. */
  readonly timestamp: EpochMs
  readonly files: readonly FileEntry[]
}

export interface Live {
  readonly version: number
  /** When `version` was committed. */
  readonly timestamp: EpochMs
  /** In no order. May be millions, so they are streamed. */
  readonly files: AsyncIterable<FileEntry>
}
