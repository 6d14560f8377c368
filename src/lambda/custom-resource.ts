import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda'
import { type FunctionContext, type Handler, lambda } from './function.ts'

/** What a custom resource of CloudFormation does. */
export interface CustomResource {
  /** If it changes, CloudFormation deletes the resource with the id before. */
  physicalId(event: CloudFormationCustomResourceEvent): string
  /** Creates, updates or deletes. */
  run(event: CloudFormationCustomResourceEvent): Promise<void>
  /** What failed, for a deploy to show before the error. */
  failure(event: CloudFormationCustomResourceEvent): string
}

/** The function of a custom resource. CloudFormation waits for an answer, so a failure is answered too. */
export function customResource(
  name: string,
  build: (context: FunctionContext) => CustomResource,
): Handler<CloudFormationCustomResourceEvent, void> {
  return lambda(name, (context) => {
    const { physicalId, run, failure } = build(context)
    return async (event) => {
      try {
        await run(event)
        await answer(event, { Status: 'SUCCESS' }, physicalId(event))
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error))
        const what = failure(event)
        context.log.error(what, { error: cause })
        await answer(event, { Status: 'FAILED', Reason: `${what}: ${cause.name}: ${cause.message}` }, physicalId(event))
      }
    }
  })
}

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
