import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda'
import { s3 } from '../src/aws/clients.ts'
import { switchEventsOn } from '../src/intake/s3/aws/bucket-events.ts'
import { lambda } from '../src/lambda/function.ts'

/**
 * CloudFormation calls it for each bucket of the lake that is there already. Deleting leaves the bucket as it is: others
 * may have come to listen to its events. CloudFormation waits for an answer, so a failure is answered too.
 */
export const handler = lambda<CloudFormationCustomResourceEvent, void>('bucket-events', ({ log }) => {
  const client = s3()
  return async (event) => {
    const bucket: unknown = event.ResourceProperties['Bucket']
    try {
      if (typeof bucket !== 'string') throw new Error(`the resource ${event.LogicalResourceId} names no Bucket`)
      if (event.RequestType !== 'Delete') log.info(await switchEventsOn(client, bucket), { bucket })
      await answer(event, { Status: 'SUCCESS' }, bucket)
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      log.error('bucket events failed', { bucket, error: cause })
      const Reason = `EventBridge notifications of the bucket '${String(bucket)}' could not be switched on: ${cause.name}: ${cause.message}`
      await answer(event, { Status: 'FAILED', Reason }, String(bucket))
    }
  }
})

/** The bucket is the physical id: if lake.yml names another one, CloudFormation deletes the old resource, which changes nothing. */
async function answer(
  event: CloudFormationCustomResourceEvent,
  result: { Status: 'SUCCESS' } | { Status: 'FAILED'; Reason: string },
  PhysicalResourceId: string,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event
  const body = {
    ...result,
    PhysicalResourceId,
    StackId,
    RequestId,
    LogicalResourceId,
  } as CloudFormationCustomResourceResponse
  // The URL is signed for an empty content type.
  const response = await fetch(event.ResponseURL, {
    method: 'PUT',
    headers: { 'content-type': '' },
    body: JSON.stringify(body),
  })
  if (!response.ok)
    throw new Error(`CloudFormation did not take the answer for ${LogicalResourceId}: HTTP ${response.status}`)
}
