import type { Content } from './objects.ts'

/** What S3 says of one object, whichever way it came: by EventBridge or by a notification of the bucket's own. */
export interface ObjectEvent {
  readonly bucket: string
  /** Raw, as S3 has it. */
  readonly key: string
  readonly type: 'created' | 'deleted'
  /** Bytes. */
  readonly size?: number
  readonly etag?: string
  readonly versionId?: string
  /** Orders the events of one key, see {@link bySequencer}; '' where the event has none. */
  readonly sequencer: string
  /** `Permanently Deleted` or `Delete Marker Created`. */
  readonly deletionType?: string
  /** `PutObject`, `CopyObject`, `Lifecycle Expiration`, … */
  readonly reason?: string
  /** When it happened, in ms since the epoch. */
  readonly time: number
}

/** What is known of one object of a table, for the log to take in. */
export interface ObjectState {
  /** Raw, relative to the table's location. */
  readonly key: string
  /** '' for what has no place in the order of events: a listing. */
  readonly sequencer: string
  /** The content that is live, `gone`, or `unclear`: only a look at the bucket can tell. */
  readonly state: Content | 'gone' | 'unclear'
}

/**
 * What an event says of the object at `key`. To delete one version for good may show an older one, or take a delete
 * marker away, and an event without size or ETag says too little. An object of zero bytes is no data: whatever was there
 * before is gone.
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
 * Which of two events of one key came later: above 0 when `a` did. Sequencers are hexadecimal texts; of different lengths
 * the shorter is padded with zeros on the right (Amazon S3 User Guide, "Event message structure").
 */
export function bySequencer(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  const [left, right] = [a.padEnd(length, '0'), b.padEnd(length, '0')]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The news of each key as one: the newest; where that has no answer, the bucket is asked. */
export function newestStates(all: readonly ObjectState[]): Map<string, ObjectState> {
  const newest = new Map<string, ObjectState>()
  for (const news of all) {
    const other = newest.get(news.key)
    newest.set(news.key, other === undefined ? news : later(news, other))
  }
  return newest
}

function later(one: ObjectState, other: ObjectState): ObjectState {
  if (one.sequencer === '' || other.sequencer === '') return { key: one.key, sequencer: '', state: 'unclear' }
  return bySequencer(one.sequencer, other.sequencer) > 0 ? one : other
}
