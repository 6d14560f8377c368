import type { Model } from '../../lake/lake.ts'
import type { Endpoint } from './ports.ts'
import type { Observation } from '../../core/reaction.ts'
import type { Deployment, DeploymentState } from './state.ts'

/** The version that the registry's mark is on, as it would be deployed. */
export interface Desired extends Pick<
  Deployment,
  'config' | 'version' | 'registered' | 'capacity' | 'instance' | 'invocations' | 'packed'
> {}

/** What is to serve: what the registry says, or a deployment that worked. */
export type Target =
  { readonly kind: 'deploy'; readonly desired: Desired } | { readonly kind: 'restore'; readonly deployment: Deployment }

export interface ObservedEndpoint extends Observation {
  readonly model: Model
  readonly desired?: Desired
  readonly endpoint?: Endpoint
  readonly state: DeploymentState
}

/** How long after going back to a deployment failed it is tried again, in ms. */
const RESTORE_AGAIN = 15 * 60_000

/**
 * What is to serve. What the registry says, unless that is known not to work, or an operator went back from it: then, and
 * where no version has the mark, the deployment that worked last. An endpoint is never left to what failed while there is one
 * that worked, nor without any: not even until something newer serves, which may take long, or be refused.
 *
 * Nothing, where no version has the mark and there is no endpoint either: whoever did both meant it.
 */
export function targetOf({
  desired,
  endpoint,
  state: { deployments, failed, held },
}: Pick<ObservedEndpoint, 'desired' | 'endpoint' | 'state'>): Target | undefined {
  if (desired === undefined && endpoint === undefined) return undefined
  const servesNothing = endpoint === undefined || isBroken(endpoint) || endpoint.config === failed?.config
  if (held !== undefined && held.heldAgainst === desired?.version) {
    const deployment = deployments.find(({ config }) => config === held.to)
    // One that does not come up any more is no reason to serve nothing: it is gone back to from another.
    if (deployment !== undefined && !(servesNothing && deployment.failedAt !== undefined))
      return { kind: 'restore', deployment }
  }
  const [deployment] = deployments.toSorted((a, b) => (a.failedAt ?? 0) - (b.failedAt ?? 0))
  const isWanted = desired !== undefined && desired.config !== failed?.config
  const canRestore = deployment !== undefined && deployment.failedAt === undefined
  if (isWanted && (!servesNothing || !canRestore || deployment.config === desired.config))
    return { kind: 'deploy', desired }
  return deployment === undefined ? undefined : { kind: 'restore', deployment }
}

/** It serves nothing, or also what was to be taken back (DescribeEndpoint, EndpointStatus). */
function isBroken({ status }: Endpoint): boolean {
  return ['Failed', 'OutOfService', 'UpdateRollbackFailed'].includes(status)
}

export function configOf(target: Target): string {
  return target.kind === 'deploy' ? target.desired.config : target.deployment.config
}

/** When it may be tried, in ms since the epoch: not at once again what just could not be gone back to. */
export function notBefore(target: Target): number {
  return target.kind === 'restore' ? (target.deployment.failedAt ?? -Infinity) + RESTORE_AGAIN : -Infinity
}

/** The deployment that is in service, where nothing is under way with the endpoint. */
export function servingOf({ endpoint, state }: Pick<ObservedEndpoint, 'endpoint' | 'state'>): Deployment | undefined {
  const [serves] = state.deployments
  const isThere = endpoint?.status === 'InService' && endpoint.pending === undefined
  return isThere && endpoint.config === serves?.config ? serves : undefined
}

/** There is nothing to deploy: what is to serve does, or there is nothing that could. */
export function isSettled(observed: Pick<ObservedEndpoint, 'desired' | 'endpoint' | 'state'>): boolean {
  const target = targetOf(observed)
  return target === undefined || servingOf(observed)?.config === configOf(target)
}

/** The endpoint serves the configuration, or is on its way there. */
export function isMovingTo({ status, config, pending }: Endpoint, wanted: string): boolean {
  if (pending !== undefined) return pending === wanted && status !== 'RollingBack'
  return config === wanted && (status === 'InService' || status === 'Creating')
}

/** SageMaker takes no update now (DescribeEndpoint, EndpointStatus). */
export function isBusy({ status }: Endpoint): boolean {
  return ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting'].includes(status)
}
