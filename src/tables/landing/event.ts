import type { EpochMs } from '../../core/time.ts'
import type { Content } from './objects.ts'

/** An event of one object, whether it came by EventBridge or by the bucket's own notifications. */
export interface ObjectEvent {
  readonly bucket: string
  /** Raw, as S3 has it. */
  readonly key: string
  readonly type: 'created' | 'deleted'
  /** Bytes. */
  readonly size?: number
  readonly etag?: string
  readonly versionId?: string
  /** Orders the events of one key: {@link bySequencer}; '' where the event has none. */
  readonly sequencer: string
  /** `Permanently Deleted` or `Delete Marker Created`. */
  readonly deletionType?: string
  /** `PutObject`, `CopyObject`, `Lifecycle Expiration`, … */
  readonly reason?: string
  readonly time: EpochMs
}

/** The state of one object of a table, by an event or a listing. */
export interface ObjectState {
  /** Raw, relative to the table's location. */
  readonly key: string
  /** '' for a listing, which has no place in the order of events. */
  readonly sequencer: string
  /** The live content; `gone`; or `unclear`, which only the bucket can decide. */
  readonly state: Content | 'gone' | 'unclear'
}

/**
 * The state of the object at `key` after an event. It is unclear after one version was deleted for good, which may uncover an
 * older version or remove a delete marker, and after an event without size or ETag. An object of zero bytes is not data:
 * what was there before is gone.
 */
export function objectStateOf(event: ObjectEvent, key: string): ObjectState {
  return { key, sequencer: event.sequencer, state: stateOf(event) }
}

function stateOf({ type, size, etag, versionId, deletionType }: ObjectEvent): ObjectState['state'] {
  if (type === 'deleted')
    return deletionType !== 'Delete Marker Created' && versionId !== undefined ? 'unclear' : 'gone'
  if (size === 0) return 'gone'
  return size === undefined || etag === undefined || etag === '' ? 'unclear' : { etag, size }
}

/**
 * Above 0 when the event of `a` came later than that of `b`; both of one key. Sequencers are hexadecimal; the shorter one is
 * padded with zeros on the right (Amazon S3 User Guide, "Event message structure").
 */
export function bySequencer(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  const [left, right] = [a.padEnd(length, '0'), b.padEnd(length, '0')]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The newest state of each key; unclear where their order is not known. */
export function newestStates(all: readonly ObjectState[]): Map<string, ObjectState> {
  const newest = new Map<string, ObjectState>()
  for (const state of all) {
    const other = newest.get(state.key)
    newest.set(state.key, other === undefined ? state : later(state, other))
  }
  return newest
}

function later(one: ObjectState, other: ObjectState): ObjectState {
  if (one.sequencer === '' || other.sequencer === '') return { key: one.key, sequencer: '', state: 'unclear' }
  return bySequencer(one.sequencer, other.sequencer) > 0 ? one : other
}
