import type { Model } from './settings.ts'
import type { Endpoint } from './ports.ts'
import type { Observation } from '../../core/reaction.ts'
import type { EpochMs, Milliseconds } from '../../core/time.ts'
import type { Deployment, DeploymentState } from './state.ts'

/** What would be deployed for the version that the registry's mark is on. */
export interface Desired extends Pick<
  Deployment,
  'config' | 'version' | 'registered' | 'capacity' | 'instance' | 'invocations' | 'packed'
> {}

/** What should serve: what the registry asks for, or a deployment that worked. */
export type Target =
  { readonly kind: 'deploy'; readonly desired: Desired } | { readonly kind: 'restore'; readonly deployment: Deployment }

export interface ObservedEndpoint extends Observation {
  readonly model: Model
  readonly desired?: Desired
  readonly endpoint?: Endpoint
  readonly state: DeploymentState
}

/** The pause after restoring a deployment failed. */
const RESTORE_AGAIN: Milliseconds = 15 * 60_000

/**
 * What should serve: what the registry asks for, unless it is known not to work or an operator went back from it. Then, and if no
 * version has the mark, the deployment that worked last.
 *
 * If the endpoint serves nothing, or what failed, the last one that worked is restored before anything newer is deployed: a
 * deployment takes long and may be refused.
 *
 * `undefined` if no version has the mark and there is no endpoint: somebody removed both on purpose.
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
    // If it cannot be restored and nothing serves, another one that worked is restored first.
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

/** It serves nothing, or still what should have been rolled back (DescribeEndpoint, EndpointStatus). */
function isBroken({ status }: Endpoint): boolean {
  return ['Failed', 'OutOfService', 'UpdateRollbackFailed'].includes(status)
}

export function configOf(target: Target): string {
  return target.kind === 'deploy' ? target.desired.config : target.deployment.config
}

/** When it may be started: there is a pause after restoring it failed. */
export function notBefore(target: Target): EpochMs {
  return target.kind === 'restore' ? (target.deployment.failedAt ?? -Infinity) + RESTORE_AGAIN : -Infinity
}

/** The deployment that serves, if the endpoint is in service without a pending update. */
export function servingOf({ endpoint, state }: Pick<ObservedEndpoint, 'endpoint' | 'state'>): Deployment | undefined {
  const [serves] = state.deployments
  const isThere = endpoint?.status === 'InService' && endpoint.pending === undefined
  return isThere && endpoint.config === serves?.config ? serves : undefined
}

/** There is nothing to deploy: the target already serves, or there is none. */
export function isSettled(observed: Pick<ObservedEndpoint, 'desired' | 'endpoint' | 'state'>): boolean {
  const target = targetOf(observed)
  return target === undefined || servingOf(observed)?.config === configOf(target)
}

/** The endpoint serves the configuration, or is being updated to it. */
export function isMovingTo({ status, config, pending }: Endpoint, wanted: string): boolean {
  if (pending !== undefined) return pending === wanted && status !== 'RollingBack'
  return config === wanted && (status === 'InService' || status === 'Creating')
}

/** SageMaker accepts no update now (DescribeEndpoint, EndpointStatus). */
export function isBusy({ status }: Endpoint): boolean {
  return ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting'].includes(status)
}
