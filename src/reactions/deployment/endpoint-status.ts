import type { EpochMs } from '../../core/time.ts'
import type { Endpoint } from './ports.ts'

/** The status of a deployment, by what SageMaker says of its endpoint. */
export type DeploymentStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'serving' }
  /** `passing`: another attempt may work, since the model is not at fault. */
  | { readonly kind: 'failed'; readonly reason: string; readonly passing: boolean }

const INSTEAD =
  'is in service instead: SageMaker rolled the update back without a reason, or somebody else updated the endpoint'

/**
 * `InService` alone is not success: an update whose fleet failed, or whose alarm fired, also ends `InService`, on the old
 * configuration and with a FailureReason. Success is our configuration with no other update pending.
 *
 * @param wanted the configuration
 * @param seen when the endpoint was last modified before the update was sent, and until when DescribeEndpoint may lag behind
 */
export function endpointStatus(
  endpoint: Endpoint | undefined,
  wanted: string,
  seen: { readonly modified: EpochMs; readonly until: EpochMs },
  now: EpochMs,
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
      // A rolled back update may have lost its FailureReason by now (hashicorp/terraform-provider-aws#49020).
      return { kind: 'failed', reason: `${config} ${INSTEAD}`, passing: true }
  }
}

function failed(reason: string): DeploymentStatus {
  return { kind: 'failed', reason, passing: isPassing(reason) }
}

/** AWS had no instances, or an internal error: not the model's fault. */
function isPassing(reason: string): boolean {
  return /insufficient\s*(instance\s*)?capacity|unable to provision requested ml compute capacity|internal (service )?(error|failure)/i.test(
    reason,
  )
}
