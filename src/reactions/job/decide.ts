import type { JobSettings } from './settings.ts'
import type { Observation, Start } from '../../core/reaction.ts'
import type { EpochMs } from '../../core/time.ts'

/** The new data since the last run. */
export interface NewData extends Observation {
  readonly settings: JobSettings
  /** Files with new rows, so without those that a rearrangement (OPTIMIZE) wrote. */
  readonly files: number
  readonly bytes: number
}

/**
 * A job starts as soon as one of its limits is reached; without limits, at once. `quiet` is counted from the last commit. No
 * event marks its end, so the decision is to wait until that second.
 */
export function decide({ settings: { files, bytes, quiet }, ...pending }: NewData, now: EpochMs): Start {
  if (pending.files === 0) return { kind: 'skip' }
  if (files === undefined && bytes === undefined && quiet === undefined) return { kind: 'start' }
  if (files !== undefined && pending.files >= files) return { kind: 'start' }
  if (bytes !== undefined && pending.bytes >= bytes) return { kind: 'start' }
  if (quiet === undefined) return { kind: 'wait', until: Infinity }
  const until = pending.committed + quiet
  return now >= until ? { kind: 'start' } : { kind: 'wait', until }
}
