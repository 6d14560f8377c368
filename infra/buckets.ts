import type { Bucket, Lake } from '../src/lake/lake.ts'
import { isLocal } from '../src/lake/stage.ts'
import { arnOf, logical, type Resource, type Resources, s3Arn } from './cloudformation.ts'
import { lasting } from './stage.ts'

/** The function that {@link existingBucket} calls, as serverless.yml's logical ids go. */
export const bucketEventsFunction = `${logical('bucket-events')}LambdaFunction`

export function bucketId(name: string): string {
  return `Bucket${logical(name)}`
}

export function existingBuckets(lake: Lake): readonly Bucket[] {
  return Object.values(lake.buckets).filter((bucket) => bucket.existing)
}

/** The lake's buckets: made, or (those that exist) told to send their events to EventBridge. */
export function buckets(lake: Lake): Resources {
  const resources: Record<string, Resource> = {}
  for (const [name, bucket] of Object.entries(lake.buckets)) {
    if (bucket.existing) resources[`${bucketId(name)}Events`] = existingBucket(bucket)
    else Object.assign(resources, madeBucket(bucketId(name), bucket, lake))
  }
  return resources
}

/**
 * Not versioned: a Delta table keeps its own history until VACUUM, and old versions in S3 would go on holding (and
 * costing) what VACUUM frees.
 */
function madeBucket(id: string, bucket: Bucket, lake: Lake): Resources {
  const made: Resource = {
    Type: 'AWS::S3::Bucket',
    ...lasting(lake.stage),
    Properties: {
      BucketName: bucket.name,
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
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
  // The emulator speaks plain HTTP, which this policy is there to refuse.
  return isLocal(lake.stage) ? { [id]: made } : { [id]: made, [`${id}Policy`]: tlsOnly(bucket, lake) }
}

function tlsOnly(bucket: Bucket, { stage }: Lake): Resource {
  return {
    Type: 'AWS::S3::BucketPolicy',
    ...lasting(stage),
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

/** Not a bucket of this stack: removing the stack leaves its notifications as they are, since others may listen by then. */
function existingBucket(bucket: Bucket): Resource {
  return {
    Type: 'Custom::BucketEvents',
    Properties: { ServiceToken: arnOf(bucketEventsFunction), ServiceTimeout: '120', Bucket: bucket.name },
  }
}
