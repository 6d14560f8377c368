import { Refused } from '../../core/refused.ts'
import { locationUri } from '../../lake/lake.ts'
import type { Model } from './settings.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Version } from '../../registry/ports.ts'
import type { DeploymentPorts, Endpoint } from './ports.ts'
import { configOf, type Desired, isMovingTo, type ObservedEndpoint, targetOf } from './target.ts'
import { type DeploymentState, parseState } from './state.ts'
import { configName, packageLocation } from './resource-names.ts'

/** An endpoint's versions are the numbers of its deployments, so that the next one is always the cursor's plus 1. */
export async function observe(model: Model, cursor: Cursor, ports: DeploymentPorts): Promise<ObservedEndpoint> {
  const state = parseState(cursor.state)
  const [answer, endpoint] = await Promise.all([
    askRegistry(model, ports).catch((error: unknown): RegistryAnswer => ({ error })),
    ports.sagemaker.endpoint(model.endpoint.name),
  ])
  const desired = 'error' in answer ? fallbackDesired(state, endpoint, answer) : answer.desired
  return {
    model,
    version: cursor.version + 1,
    committed: ports.now(),
    state,
    desired,
    endpoint,
  }
}

/** `error`: why the promoted version is unknown, or cannot be deployed now. */
type RegistryAnswer =
  { readonly desired: Desired | undefined } | { readonly error: unknown; readonly desired?: Desired }

/**
 * What the registry presumably asks for, if it does not answer or its version cannot be deployed. Only a restore is decided from
 * it, which needs no registry: otherwise the endpoint would keep serving what does not work, or nothing.
 *
 * @throws the registry's error if there is nothing to restore
 */
function fallbackDesired(
  state: DeploymentState,
  endpoint: Endpoint | undefined,
  answer: Extract<RegistryAnswer, { error: unknown }>,
): Desired | undefined {
  // A version that cannot be deployed counts too: as some version has the mark, there should be an endpoint.
  const desired = lastKnownDesired(state, endpoint) ?? (endpoint === undefined ? answer.desired : undefined)
  const target = targetOf({ state, desired, endpoint })
  if (target?.kind !== 'restore') throw answer.error
  const config = configOf(target)
  const isThere = endpoint?.status === 'InService' && endpoint.config === config
  if (isThere && state.deployments[0]?.config === config) throw answer.error
  return desired
}

/** From the hold of an operator, an update that was sent and not recorded, or the last failure. */
function lastKnownDesired(
  { held, candidate, failed }: DeploymentState,
  endpoint: Endpoint | undefined,
): Desired | undefined {
  const about = { registered: '', capacity: '' }
  if (held !== undefined)
    return held.heldAgainst === undefined ? undefined : { ...about, config: '', version: held.heldAgainst }
  const isSent = candidate?.restore === false && endpoint !== undefined && isMovingTo(endpoint, candidate.config)
  const known = isSent ? candidate : failed
  return known && { ...about, config: known.config, version: known.version }
}

async function askRegistry(model: Model, ports: DeploymentPorts): Promise<RegistryAnswer> {
  const found = await ports.registryOf(model).promoted(model.registered, model.promote)
  if (found === undefined) return { desired: undefined }
  const desired = desiredOf(model, found, ports)
  const name = `version ${found.version} of ${model.registered}`
  switch (found.status) {
    case 'ready':
      return { desired }
    // No event says when it is ready, so the queue tries again.
    case 'pending':
      return { desired, error: new Error(`${name} is still being registered`) }
    case 'failed': {
      const reason = `${name} failed to be registered, and is promoted all the same`
      const advice = 'Register it again, and move the mark there.'
      return { desired, error: new Refused('version-failed', reason, { subject: model.registered, advice }) }
    }
  }
}

function desiredOf(model: Model, version: Version, ports: DeploymentPorts): Desired {
  const { compute } = model.endpoint
  const config = configName(model, version, ports.stack, ports.digest)
  return {
    config,
    version: version.version,
    registered: model.registered,
    ...(compute.kind === 'serverless'
      ? { capacity: '' }
      : {
          capacity: `${compute.min}-${compute.max}`,
          instance: compute.type,
          invocations: compute.invocations,
        }),
    packed: model.package && locationUri(packageLocation(config, model.package)),
  }
}
