import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/**
 * Makes a bucket send its events to EventBridge, and keeps its other notifications. S3 has one document for all of them, so it
 * is read and written back with one more entry. Destinations are not validated: a broken one of another application must not
 * make this fail.
 */
export async function switchEventsOn(client: S3Client, Bucket: string): Promise<'switched on' | 'was on'> {
  const { $metadata: _, ...found } = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
  if (found.EventBridgeConfiguration !== undefined) return 'was on'
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { ...found, EventBridgeConfiguration: {} },
      SkipDestinationValidation: true,
    }),
  )
  return 'switched on'
}
