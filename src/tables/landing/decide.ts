import { bySequencer, type ObjectState } from './event.ts'
import type { LandedFile, LandedObject } from './landing-log.ts'
import type { Content } from './objects.ts'

/** What is to be appended, if anything, after what the log holds was read. */
export interface Plan {
  /** Keys that only a look at the bucket can settle; until then nothing is decided of them. */
  readonly look: readonly string[]
  readonly added: readonly LandedFile[]
  readonly removed: readonly string[]
  /** The states to write; more than the files when only their order was news. */
  readonly objects: readonly LandedObject[]
  /** The newest version that says what the news say, the one to be appended among them; -1 when there is none. */
  readonly version: number
}

export interface Given {
  /** One for each key. */
  readonly news: Iterable<ObjectState>
  readonly known: ReadonlyMap<string, LandedObject>
  /** What a look at the bucket found, after `known` was read; by key, `undefined` for an object that is not there. */
  readonly looked: ReadonlyMap<string, Content | undefined>
  /** The number that the version to be appended will have. */
  readonly next: number
  /** ms since the epoch. */
  readonly at: number
}

/** Pure: what the log has still to take in of the news. */
export function decide({ news, known, looked, next, at }: Given): Plan {
  const [look, added, removed, objects]: [string[], LandedFile[], string[], LandedObject[]] = [[], [], [], []]
  let version = -1
  for (const each of news) {
    const { key } = each
    const stored = known.get(key) ?? { key, size: 0, sequencer: '', version: -1, revision: 0, at }
    const verdict = settle(each, stored, looked)
    version = Math.max(version, stored.version)
    if (verdict === 'look') look.push(key)
    if (verdict === 'unchanged' || verdict === 'look') continue
    const { live, sequencer } = verdict
    const changes = live?.etag !== stored.content
    objects.push({
      key,
      ...(live === undefined ? {} : { content: live.etag }),
      size: live?.size ?? 0,
      sequencer,
      version: changes ? next : stored.version,
      revision: stored.revision,
      at,
    })
    if (!changes) continue
    version = next
    if (stored.content !== undefined) removed.push(key)
    if (live !== undefined) added.push({ path: key, size: live.size })
  }
  return { look, added, removed, objects, version }
}

/** What is true of an object from now on, with its place in the order of events. */
interface Verdict {
  readonly live: Content | undefined
  readonly sequencer: string
}

/**
 * Of two events of a key the later one by its sequencer is true. Where either has none, equal content is no news, and
 * anything else is settled by looking: the state decides, not the event.
 */
function settle(
  { key, sequencer, state }: ObjectState,
  stored: LandedObject,
  looked: ReadonlyMap<string, Content | undefined>,
): Verdict | 'unchanged' | 'look' {
  const ordered = sequencer !== '' && stored.sequencer !== ''
  if (ordered && bySequencer(sequencer, stored.sequencer) <= 0) return 'unchanged'
  if (state !== 'unclear') {
    const live = state === 'gone' ? undefined : state
    if (ordered || stored.revision === 0) return { live, sequencer }
    if (live?.etag === stored.content) return 'unchanged'
  }
  if (!looked.has(key)) return 'look'
  const live = looked.get(key)
  const same = stored.revision > 0 && live?.etag === stored.content
  // Seen to be true after an event that came later than the stored one: the stored one's place is out of date.
  return same && !ordered ? 'unchanged' : { live, sequencer: '' }
}
