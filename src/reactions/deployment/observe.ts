import { Refused } from '../../core/refused.ts'
import { locationUri, type Model } from '../../lake/lake.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Version } from '../../registry/ports.ts'
import type { DeploymentPorts, Endpoint } from './ports.ts'
import { configOf, type Desired, isMovingTo, type ObservedEndpoint, targetOf } from './target.ts'
import { type DeploymentState, parseState } from './state.ts'
import { configName, packageLocation } from './resource-names.ts'

/** The numbers of deployments are the versions of an endpoint: each look finds the next one, or nothing to do. */
export async function observe(model: Model, cursor: Cursor, ports: DeploymentPorts): Promise<ObservedEndpoint> {
  const state = parseState(cursor.state)
  const [said, endpoint] = await Promise.all([
    askRegistry(model, ports).catch((error: unknown): RegistryAnswer => ({ error })),
    ports.sagemaker.endpoint(model.endpoint.name),
  ])
  const desired = 'error' in said ? fallbackDesired(state, endpoint, said) : said.desired
  return {
    model,
    version: cursor.version + 1,
    committed: ports.now(),
    state,
    ...(desired === undefined ? {} : { desired }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

/** `error`: why what is desired, where that is known, cannot be deployed now. */
type RegistryAnswer =
  { readonly desired: Desired | undefined } | { readonly error: unknown; readonly desired?: Desired }

/**
 * What the registry says where it does not answer, or not of a version that could be deployed. For going back alone, which
 * needs no registry: without it the endpoint would be left to what does not work, or to nothing.
 *
 * @throws what the registry's call threw, where there is nothing to go back to, or the endpoint is known to be there already
 */
function fallbackDesired(
  state: DeploymentState,
  endpoint: Endpoint | undefined,
  said: Extract<RegistryAnswer, { error: unknown }>,
): Desired | undefined {
  // That some version has the mark is all that counts of one that cannot be deployed: the endpoint is to be there.
  const desired = lastKnownDesired(state, endpoint) ?? (endpoint === undefined ? said.desired : undefined)
  const target = targetOf({ state, ...(desired && { desired }), ...(endpoint && { endpoint }) })
  if (target?.kind !== 'restore') throw said.error
  const config = configOf(target)
  const isThere = endpoint?.status === 'InService' && endpoint.config === config
  if (isThere && state.deployments[0]?.config === config) throw said.error
  return desired
}

/** What it said when an operator went back, when what is there now was sent and nobody recorded it, or when that failed. */
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
    // No event says when it is ready: the queue asks again.
    case 'pending':
      return { desired, error: new Error(`${name} is still being registered`) }
    case 'failed': {
      const reason = `${name} failed to be registered, and has the mark all the same`
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
          ...(compute.invocations !== undefined && { invocations: compute.invocations }),
        }),
    ...(model.package === undefined ? {} : { packed: locationUri(packageLocation(config, model.package)) }),
  }
}
