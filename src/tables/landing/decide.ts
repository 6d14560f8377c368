import type { EpochMs } from '../../core/time.ts'
import { bySequencer, type ObjectState } from './event.ts'
import type { LandedFile, LandedObject } from './landing-log.ts'
import type { Content } from './objects.ts'

/** What is still to be appended to the log. */
export interface Plan {
  /** Keys that only the bucket can decide: nothing is planned for them until they are looked up. */
  readonly lookups: readonly string[]
  readonly added: readonly LandedFile[]
  readonly removed: readonly string[]
  /** Of the removed files together; `undefined` when there are none. */
  readonly removedBytes?: number
  /** The object states to write. More than the files where only an object's sequencer changed. */
  readonly objects: readonly LandedObject[]
  /** The newest version that has these states, counting the one to be appended; -1 when there is none. */
  readonly version: number
}

export interface Given {
  /** One for each key. */
  readonly states: Iterable<ObjectState>
  /** What the log holds, by key. */
  readonly known: ReadonlyMap<string, LandedObject>
  /** What the bucket holds, read after `known`; by key, `undefined` for an object that is not there. */
  readonly lookedUp: ReadonlyMap<string, Content | undefined>
  /** The number of the version to be appended. */
  readonly next: number
  readonly at: EpochMs
}

/** Pure: which of the states the log does not have yet. */
export function decide({ states, known, lookedUp, next, at }: Given): Plan {
  const [lookups, added, removed, objects]: [string[], LandedFile[], string[], LandedObject[]] = [[], [], [], []]
  let version = -1
  let removedBytes: number | undefined
  for (const each of states) {
    const { key } = each
    const stored = known.get(key) ?? { key, size: 0, sequencer: '', version: -1, revision: 0, at }
    const verdict = verdictOn(each, stored, lookedUp)
    version = Math.max(version, stored.version)
    if (verdict === 'look up') lookups.push(key)
    if (verdict === 'unchanged' || verdict === 'look up') continue
    const { live, sequencer } = verdict
    const changes = live?.etag !== stored.content
    objects.push({
      key,
      content: live?.etag,
      size: live?.size ?? 0,
      sequencer,
      version: changes ? next : stored.version,
      revision: stored.revision,
      at,
    })
    if (!changes) continue
    version = next
    if (stored.content !== undefined) {
      removed.push(key)
      removedBytes = (removedBytes ?? 0) + stored.size
    }
    if (live !== undefined) added.push({ path: key, size: live.size })
  }
  return { lookups, added, removed, removedBytes, objects, version }
}

/** What is true of an object from now on, with its place in the order of events. */
interface Verdict {
  readonly live: Content | undefined
  readonly sequencer: string
}

/**
 * Of two events of a key, the one with the later sequencer is true. If one of them has no sequencer, equal content changes
 * nothing, and different content is looked up in the bucket: the state decides, not the event.
 */
function verdictOn(
  { key, sequencer, state }: ObjectState,
  stored: LandedObject,
  lookedUp: ReadonlyMap<string, Content | undefined>,
): Verdict | 'unchanged' | 'look up' {
  const ordered = sequencer !== '' && stored.sequencer !== ''
  if (ordered && bySequencer(sequencer, stored.sequencer) <= 0) return 'unchanged'
  if (state !== 'unclear') {
    const live = state === 'gone' ? undefined : state
    if (ordered || stored.revision === 0) return { live, sequencer }
    if (live?.etag === stored.content) return 'unchanged'
  }
  if (!lookedUp.has(key)) return 'look up'
  const live = lookedUp.get(key)
  const same = stored.revision > 0 && live?.etag === stored.content
  // The bucket was read after an event that is later than the stored one, so the stored sequencer is out of date.
  return same && !ordered ? 'unchanged' : { live, sequencer: '' }
}
