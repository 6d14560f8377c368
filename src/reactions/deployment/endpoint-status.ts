import type { Endpoint } from './ports.ts'

/** How a deployment stands, by what SageMaker says of its endpoint. */
export type DeploymentStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'serving' }
  /** `passing`: it may well work at another attempt, since the model is not at fault. */
  | { readonly kind: 'failed'; readonly reason: string; readonly passing: boolean }

const INSTEAD =
  'is in service instead: SageMaker took the update back and does not say why, or somebody else updated the endpoint'

/**
 * In service is not deployed: an update whose fleet failed, or whose alarm fired, ends `InService` too, on the old
 * configuration and with a FailureReason. Only our configuration, with nothing else on its way, is success.
 *
 * @param seen when the endpoint had been modified before the update was sent, and until when that need not show in
 * DescribeEndpoint: ms since the epoch
 */
export function endpointStatus(
  endpoint: Endpoint | undefined,
  wanted: string,
  seen: { readonly modified: number; readonly until: number },
  now: number,
): DeploymentStatus {
  if (endpoint === undefined) return { kind: 'failed', reason: 'the endpoint was deleted', passing: true }
  const { status, config, failure = '' } = endpoint
  switch (status) {
    case 'Creating':
    case 'Updating':
    case 'SystemUpdating':
    case 'RollingBack':
    case 'Deleting':
      return { kind: 'running' }
    case 'Failed':
    case 'OutOfService':
    case 'UpdateRollbackFailed':
      return failed(failure === '' ? `the endpoint is ${status}` : failure)
    case 'InService':
      if (config === wanted) return endpoint.pending === undefined ? { kind: 'serving' } : { kind: 'running' }
      if (endpoint.modified <= seen.modified && now < seen.until) return { kind: 'running' }
      if (failure !== '') return failed(failure)
      // The reason may be gone by now where SageMaker took the update back (hashicorp/terraform-provider-aws#49020).
      return { kind: 'failed', reason: `${config} ${INSTEAD}`, passing: true }
  }
}

function failed(reason: string): DeploymentStatus {
  return { kind: 'failed', reason, passing: isPassing(reason) }
}

/** No fault of the model: AWS had no instances to give, or a fault of its own. */
function isPassing(reason: string): boolean {
  return /insufficient\s*(instance\s*)?capacity|unable to provision requested ml compute capacity|internal (service )?(error|failure)/i.test(
    reason,
  )
}
