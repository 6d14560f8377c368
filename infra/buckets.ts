import type { Bucket, Lake } from '../src/lake/lake.ts'
import { isLocal } from '../src/lake/stage.ts'
import { arnOf, logical, type Resource, type Resources, s3Arn } from './cloudformation.ts'
import { bucketEncryption } from './keys.ts'
import { retained } from './stage.ts'

/** The function that {@link existingBucket} calls, by the logical id that osls gives it. */
const bucketEventsFunction = `${logical('bucket-events')}LambdaFunction`

export function bucketId(name: string): string {
  return `Bucket${logical(name)}`
}

export function existingBuckets(lake: Lake): readonly Bucket[] {
  return Object.values(lake.buckets).filter((bucket) => bucket.existing)
}

/** Creates the lake's buckets. Existing ones only get their EventBridge notifications turned on. */
export function buckets(lake: Lake): Resources {
  const resources: Record<string, Resource> = {}
  for (const [name, bucket] of Object.entries(lake.buckets)) {
    if (bucket.existing) resources[`${bucketId(name)}Events`] = existingBucket(bucket)
    else Object.assign(resources, newBucket(bucketId(name), bucket, lake))
  }
  return resources
}

/**
 * Not versioned: a Delta table keeps its own history until VACUUM, and S3 versions would keep, and charge for, the files that
 * VACUUM deletes.
 */
function newBucket(id: string, bucket: Bucket, lake: Lake): Resources {
  const created: Resource = {
    Type: 'AWS::S3::Bucket',
    ...retained(lake.stage),
    Properties: {
      BucketName: bucket.name,
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      BucketEncryption: bucketEncryption(bucket.kms),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          { Id: 'abandoned-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        ],
      },
    },
  }
  // The emulator uses plain HTTP, which this policy denies.
  return isLocal(lake.stage) ? { [id]: created } : { [id]: created, [`${id}Policy`]: tlsOnly(bucket, lake) }
}

function tlsOnly(bucket: Bucket, { stage }: Lake): Resource {
  return {
    Type: 'AWS::S3::BucketPolicy',
    ...retained(stage),
    Properties: {
      Bucket: bucket.name,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [s3Arn(bucket.name), s3Arn(`${bucket.name}/*`)],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  }
}

/** The stack does not own this bucket. Removing the stack leaves its notifications on, since others may use them by then. */
function existingBucket(bucket: Bucket): Resource {
  return {
    Type: 'Custom::BucketEvents',
    Properties: { ServiceToken: arnOf(bucketEventsFunction), ServiceTimeout: '120', Bucket: bucket.name },
  }
}
