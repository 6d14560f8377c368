import type { JobSettings } from '../../lake/lake.ts'
import type { Observation, Start } from '../../core/reaction.ts'

/** What has landed since the last run, counted. */
export interface NewData extends Observation {
  readonly settings: JobSettings
  /** New files with new rows; a rearrangement (OPTIMIZE) has none. */
  readonly files: number
  readonly bytes: number
}

/**
 * When a job starts: as soon as one of its limits is reached; with none, at once. `quiet` counts from the last landing, and
 * is kept to the second although no event comes to say that it is over.
 */
export function decide({ settings: { files, bytes, quiet }, ...pending }: NewData, now: number): Start {
  if (pending.files === 0) return { kind: 'skip' }
  if (files === undefined && bytes === undefined && quiet === undefined) return { kind: 'start' }
  if (files !== undefined && pending.files >= files) return { kind: 'start' }
  if (bytes !== undefined && pending.bytes >= bytes) return { kind: 'start' }
  if (quiet === undefined) return { kind: 'wait', until: Infinity }
  const until = pending.committed + quiet
  return now >= until ? { kind: 'start' } : { kind: 'wait', until }
}
