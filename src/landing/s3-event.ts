import * as z from 'zod/mini'

/**
 * An S3 event as EventBridge delivers it: the parts that Landfall reads. Unknown fields are let through, since AWS adds
 * some now and then. Source: Amazon S3 User Guide, "EventBridge event message structure".
 */
export const s3Event = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  /** ISO 8601. */
  time: z.string(),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string().check(z.minLength(1)) }),
    object: z.looseObject({
      /** Raw: EventBridge does not encode it. S3 allows 1,024 bytes. */
      key: z.string().check(z.minLength(1), z.maxLength(1024)),
      size: z.optional(z.number()),
      etag: z.optional(z.string()),
      'version-id': z.optional(z.string()),
      sequencer: z.optional(z.string()),
    }),
    reason: z.optional(z.string()),
  }),
})

export type S3Event = z.infer<typeof s3Event>
