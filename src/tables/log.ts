import type { Change, FileEntry } from './change.ts'

/**
 * The log of a table, whatever its format: Delta's own, or the landing log that Landfall keeps for a table of files.
 * What reactions read of it is the same for both.
 */
export interface TableLog {
  /** The newest version; -1 when there is none. `after` says where to begin to look, and costs nothing to get wrong. */
  newest(after: number): Promise<number>
  /**
   * Everything in (after, version] as one change. `undefined` when some of it is no longer there: whoever comes from
   * before that begins anew, with {@link live}.
   */
  change(after: number, version: number): Promise<Change | undefined>
  /**
   * The files with new rows in (after, version]: not what a rearrangement (OPTIMIZE) wrote, but what it replaced, and not
   * what was deleted or overwritten again by `version`. `undefined` as for {@link change}.
   */
  newFiles(after: number, version: number): Promise<NewFiles | undefined>
  /** What is live at `version`, or at a newer one: say which. */
  live(version: number): Promise<Live>
}

export interface NewFiles {
  readonly version: number
  /** When `version` was committed, in ms since the epoch. */
  readonly timestamp: number
  readonly files: readonly FileEntry[]
}

export interface Live {
  readonly version: number
  /** When `version` was committed, in ms since the epoch. */
  readonly timestamp: number
  /** In no order. May be millions: read it as it comes. */
  readonly files: AsyncIterable<FileEntry>
}
