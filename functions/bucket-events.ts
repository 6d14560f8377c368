import { s3 } from '../src/aws/clients.ts'
import { switchEventsOn } from '../src/intake/s3/aws/bucket-events.ts'
import { customResource } from '../src/lambda/custom-resource.ts'

/**
 * CloudFormation calls it for each bucket of the lake that is there already. Deleting leaves the bucket as it is: others
 * may have come to listen to its events. The bucket is the physical id: if lake.yml names another one, CloudFormation deletes
 * the old resource, which changes nothing.
 */
export const handler = customResource('bucket-events', ({ log }) => {
  const client = s3()
  return {
    physicalId: ({ ResourceProperties }) => String(ResourceProperties['Bucket']),
    async run({ LogicalResourceId, RequestType, ResourceProperties }) {
      const bucket: unknown = ResourceProperties['Bucket']
      if (typeof bucket !== 'string') throw new Error(`the resource ${LogicalResourceId} names no Bucket`)
      if (RequestType !== 'Delete') log.info(await switchEventsOn(client, bucket), { bucket })
    },
    failure: ({ ResourceProperties }) =>
      `EventBridge notifications of the bucket '${String(ResourceProperties['Bucket'])}' could not be switched on`,
  }
})
