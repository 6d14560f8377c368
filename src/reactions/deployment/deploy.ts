import type { DeploymentFact } from './facts.ts'
import type { Started } from '../../core/reaction.ts'
import type { EpochMs, Milliseconds } from '../../core/time.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import { withScalingOff } from './autoscaling.ts'
import { alarmsOf, guardOf } from './guardrails.ts'
import { checkOwner, OWNER } from './ownership.ts'
import type { DeploymentPorts, Sent } from './ports.ts'
import { type Prepared, prepareConfig } from './prepare-config.ts'
import { tagVersion } from './version-tags.ts'

/** How often a deployment that waits is tried again, in case the event that it waits for is lost. */
const LATER: Milliseconds = 30_000
/** After a longer preparation, the claim and the plan are checked again. */
const LONG: Milliseconds = 5_000

export function later({ now }: DeploymentPorts): Started {
  return { kind: 'later', until: now() + LATER }
}

/** The update was already sent, and that was not recorded. An earlier attempt may have removed its alarms. */
export async function takeOver(update: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  if (update.endpoint?.status === 'Updating' && !update.candidate.restore) {
    const alarms = alarmsOf(update, ports)
    if (alarms.length > 0) await ports.alarms.put(alarms)
  }
  return started(update, ports)
}

/** The id also holds the endpoint's last modification: until that changes, DescribeEndpoint does not show the update yet. */
function started({ model, candidate, endpoint }: EndpointUpdate, { lake }: DeploymentPorts): Started {
  const { registered, registry, endpoint: settings } = model
  const detail = { lake, endpoint: settings.name, model: registered, version: candidate.version, registry }
  const facts: DeploymentFact[] = candidate.restore ? [] : [{ type: 'Model Promoted', detail }]
  const externalId = endpoint === undefined ? candidate.config : `${candidate.config}@${endpoint.modified}`
  return { kind: 'started', externalId, facts }
}

/** `-Infinity` if there was no endpoint. */
export function modifiedBefore(externalId = ''): EpochMs {
  const modified = externalId.split('@')[1]
  return modified === undefined ? -Infinity : Number(modified)
}

export async function deploy(update: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const { model, candidate, state } = update
  const { config, version, registered, refused, since } = candidate
  const began = ports.now()
  // Once: it is tried again every half a minute while its image is built, and by each sweep while it is refused.
  if (refused === undefined && began < since + LONG)
    await tagVersion(model, { registered, version, progress: 'deploying', config, at: began }, ports.registryOf(model))
  const isKept = state.deployments.some((each) => each.config === config)
  const prepared = isKept ? 'ready' : await prepareConfig(update, ports)
  if (prepared !== 'ready') return unprepared(prepared, ports)
  // Packing takes minutes. A promotion or a rollback in the meantime replaces this one.
  if (ports.now() <= began + LONG) return sendPrepared(update, isKept, ports)
  const current = await update.observeAgain()
  if (current === undefined) return { kind: 'nothing' }
  await checkOwner(current, ports)
  return sendPrepared(current, isKept, ports)
}

async function sendPrepared(update: EndpointUpdate, isKept: boolean, ports: DeploymentPorts): Promise<Started> {
  const alarms = update.endpoint === undefined ? [] : alarmsOf(update, ports)
  if (alarms.length > 0) await ports.alarms.put(alarms)
  if (isKept) {
    const sent = await send(update, ports)
    if (sent !== undefined) return sent
    // Somebody deleted the configuration, so it is created again.
    const created = await prepareConfig(update, ports)
    if (created !== 'ready') return unprepared(created, ports)
  }
  const sent = await send(update, ports)
  if (sent !== undefined) return sent
  // SageMaker is eventually consistent (CreateEndpoint): the queue tries again.
  throw new Error(`SageMaker does not know the endpoint configuration ${update.candidate.config} yet`)
}

/** A package that takes too long once would take too long again. */
function unprepared(prepared: Exclude<Prepared, 'ready'>, ports: DeploymentPorts): Started {
  if (prepared === 'building') return later(ports)
  const reason =
    'its files are too many or too large to be packed into a model.tar.gz within 13 minutes: serve it from instances, without `package` in lake.yml, so that SageMaker reads the files where they are'
  return { kind: 'failed', reason }
}

/** `undefined` if SageMaker does not know the configuration. */
async function send(update: EndpointUpdate, ports: DeploymentPorts): Promise<Started | undefined> {
  switch (await sendTo(update, ports)) {
    case 'sent':
      return started(update, ports)
    case 'busy':
      return later(ports)
    case 'no-config':
      return undefined
  }
}

export async function restore(update: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const reason = `the endpoint configuration ${update.candidate.config} no longer exists`
  return (await send(update, ports)) ?? { kind: 'failed', reason }
}

/** An endpoint that failed to be created can only be deleted (DescribeEndpoint, EndpointStatus). */
async function sendTo(update: EndpointUpdate, ports: DeploymentPorts): Promise<Sent> {
  const { model, candidate, endpoint } = update
  const { sagemaker, stack, lake } = ports
  const { name } = model.endpoint
  if (endpoint === undefined)
    return sagemaker.createEndpoint(name, candidate.config, {
      [OWNER]: stack,
      'landfall:lake': lake,
      'landfall:model': model.name,
    })
  if (endpoint.status === 'Failed') {
    await sagemaker.deleteEndpoint(name)
    return 'busy'
  }
  return withScalingOff(update, ports, () => sagemaker.updateEndpoint(name, candidate.config, guardOf(update, ports)))
}
