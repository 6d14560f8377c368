import * as z from 'zod/mini'
import { decodedKey } from '../../aws/object-key.ts'
import { Refused } from '../../core/refused.ts'
import type { ObjectEvent } from '../../tables/landing/event.ts'
import { isLonger, reasonOf } from '../../core/schema-error.ts'

/**
 * Sizes that DynamoDB can hold, and texts that are no longer than S3's. Anything else would fail to be written, and with it all
 * events of its batch.
 */
const size = z.optional(z.int().check(z.nonnegative()))
const text = z.string().check(z.maxLength(1024))
const bucket = z.looseObject({ name: z.string().check(z.minLength(1), z.maxLength(255)) })

/**
 * The parts that Landfall reads of an S3 event from EventBridge. Unknown fields are allowed, since AWS adds some now and
 * then. Source: Amazon S3 User Guide, "EventBridge event message structure".
 */
export const s3Event = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  time: z.iso.datetime(),
  detail: z.looseObject({
    bucket,
    object: z.looseObject({
      /** Raw: EventBridge does not encode it. S3 allows 1,024 bytes. */
      key: z.string().check(z.minLength(1), z.maxLength(1024)),
      size,
      etag: z.optional(text),
      'version-id': z.optional(text),
      sequencer: z.optional(text),
    }),
    reason: z.optional(z.string()),
    'deletion-type': z.optional(z.string()),
  }),
})

/** S3 sends one record in a message. */
const MOST_RECORDS = 1_000

/** One or several events that S3 sends to a queue directly. Source: Amazon S3 User Guide, "Event message structure". */
export const s3Notification = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventSource: z.literal('aws:s3'),
      eventName: z.string(),
      eventTime: z.iso.datetime(),
      s3: z.looseObject({
        bucket,
        object: z.looseObject({
          /** Form-url-encoded: a space is `+`. */
          key: z.string().check(z.minLength(1)),
          size,
          eTag: z.optional(text),
          versionId: z.nullish(text),
          sequencer: z.optional(text),
        }),
      }),
    }),
  ),
})

/** Sent by S3 to a new destination. */
const testEvent = z.looseObject({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') })

/**
 * The object events in a message; none if it is not about objects being created or deleted. This is the only place where keys
 * are decoded, and only those that S3 encodes.
 *
 * @throws {Refused} `not-an-s3-event`: no bucket, no key, a key that S3 cannot have, or not from S3.
 */
export function toObjectEvents(message: unknown): readonly ObjectEvent[] {
  if (testEvent.safeParse(message).success) return []
  const isDirect = typeof message === 'object' && message !== null && 'Records' in message
  if (isDirect && isLonger(message.Records, MOST_RECORDS))
    throw new Refused('not-an-s3-event', `not an S3 event: it has more than ${MOST_RECORDS} records`)
  return isDirect ? direct(parsed(s3Notification, message)) : routed(parsed(s3Event, message))
}

function parsed<T extends z.ZodMiniType>(schema: T, message: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(message)
  if (!success) throw new Refused('not-an-s3-event', `not an S3 event: ${reasonOf(error)}`)
  return data
}

function routed({ 'detail-type': type, time, detail }: z.infer<typeof s3Event>): ObjectEvent[] {
  if (type !== 'Object Created' && type !== 'Object Deleted') return []
  const { bucket, object, reason, 'deletion-type': deletionType } = detail
  const { key, size, etag, 'version-id': versionId, sequencer = '' } = object
  return [
    withoutUndefined({
      bucket: bucket.name,
      key: checkedKey(key),
      type: type === 'Object Created' ? 'created' : 'deleted',
      size,
      etag,
      versionId,
      sequencer,
      deletionType,
      reason,
      time: Date.parse(time),
    }),
  ]
}

function direct({ Records }: z.infer<typeof s3Notification>): ObjectEvent[] {
  return Records.flatMap(({ eventName, eventTime, s3: { bucket, object } }) => {
    const [kind = '', reason = ''] = eventName.replace(/^s3:/, '').split(':')
    const type = directTypes[kind]
    if (type === undefined) return []
    const marker = reason === 'DeleteMarkerCreated' ? 'Delete Marker Created' : 'Permanently Deleted'
    return [
      withoutUndefined({
        bucket: bucket.name,
        key: checkedKey(decodeKey(object.key)),
        type,
        size: object.size,
        etag: object.eTag,
        versionId: object.versionId ?? undefined,
        sequencer: object.sequencer ?? '',
        deletionType: type === 'deleted' ? marker : undefined,
        reason: eventName,
        time: Date.parse(eventTime),
      }),
    ]
  })
}

const directTypes: Readonly<Record<string, ObjectEvent['type']>> = {
  ObjectCreated: 'created',
  ObjectRemoved: 'deleted',
  LifecycleExpiration: 'deleted',
}

/** In bytes (Amazon S3 User Guide, "Naming Amazon S3 objects"). DynamoDB allows as many in a sort key. */
const LONGEST_KEY = 1024

/** A key that S3 cannot have would be stored as another, or not at all, and block its whole batch. */
function checkedKey(key: string): string {
  const { length } = new TextEncoder().encode(key)
  const found = !key.isWellFormed() ? 'half of a surrogate pair' : `${length} bytes`
  if (key.isWellFormed() && length <= LONGEST_KEY) return key
  const shown = key.slice(0, 80)
  throw new Refused('not-an-s3-event', `S3 has no key such as '${shown}': it has ${found}`, {
    subject: shown,
    expected: `at most ${LONGEST_KEY} bytes of UTF-8`,
    found,
  })
}

function decodeKey(key: string): string {
  const decoded = decodedKey(key)
  if (decoded !== undefined) return decoded
  throw new Refused(
    'not-an-s3-event',
    `the key of a notification is not form-url-encoded, as S3 sends it: '${key.slice(0, 80)}'`,
    { subject: key.slice(0, 80) },
  )
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] }

function withoutUndefined(event: Optional<ObjectEvent>): ObjectEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as unknown as ObjectEvent
}
