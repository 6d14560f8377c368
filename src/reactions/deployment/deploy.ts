import type { DeploymentFact } from './facts.ts'
import type { Started } from '../../core/reaction.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import { withScalingOff } from './autoscaling.ts'
import { alarmsOf, guardOf } from './guardrails.ts'
import { checkOwner, OWNER } from './ownership.ts'
import type { DeploymentPorts, Sent } from './ports.ts'
import { type Prepared, prepareConfig } from './prepare-config.ts'
import { tagVersion } from './version-tags.ts'

/** How often what a deployment waits for is looked at, should the news of its end be lost, in ms. */
const LATER = 30_000
/** After so long a preparation, the claim and the plan are checked again, in ms. */
const LONG = 5_000

export function later({ now }: DeploymentPorts): Started {
  return { kind: 'later', until: now() + LATER }
}

/** What somebody sent before, or died while sending. Its alarms may have gone with a first attempt. */
export async function takeOver(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  if (deploying.endpoint?.status === 'Updating' && !deploying.candidate.restore) {
    const alarms = alarmsOf(deploying, ports)
    if (alarms.length > 0) await ports.alarms.put(alarms)
  }
  return started(deploying, ports)
}

/** The id says what is being deployed, and when the endpoint had been modified before: until that changes, nothing is known. */
function started({ model, candidate, endpoint }: EndpointUpdate, { lake }: DeploymentPorts): Started {
  const { registered, registry, endpoint: settings } = model
  const detail = { lake, endpoint: settings.name, model: registered, version: candidate.version, registry }
  const facts: DeploymentFact[] = candidate.restore ? [] : [{ type: 'Model Promoted', detail }]
  const externalId = endpoint === undefined ? candidate.config : `${candidate.config}@${endpoint.modified}`
  return { kind: 'started', externalId, facts }
}

/** ms since the epoch; before all times where there was no endpoint. */
export function modifiedBefore(externalId = ''): number {
  const modified = externalId.split('@')[1]
  return modified === undefined ? -Infinity : Number(modified)
}

export async function deploy(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const { model, candidate, state } = deploying
  const { config, version, registered, refused, since } = candidate
  const began = ports.now()
  // Once: while its image is built it is looked at every half a minute, and while it is refused by every sweep.
  if (refused === undefined && began < since + LONG)
    await tagVersion(model, { registered, version, progress: 'deploying', config, at: began }, ports.registryOf(model))
  const isKept = state.deployments.some((each) => each.config === config)
  const prepared = isKept ? 'ready' : await prepareConfig(deploying, ports)
  if (prepared !== 'ready') return unprepared(prepared, ports)
  // Packing takes minutes: what was promoted, or gone back to, meanwhile takes its place.
  if (ports.now() <= began + LONG) return sendPrepared(deploying, isKept, ports)
  const current = await deploying.observeAgain()
  if (current === undefined) return { kind: 'nothing' }
  await checkOwner(current, ports)
  return sendPrepared(current, isKept, ports)
}

async function sendPrepared(deploying: EndpointUpdate, isKept: boolean, ports: DeploymentPorts): Promise<Started> {
  const alarms = deploying.endpoint === undefined ? [] : alarmsOf(deploying, ports)
  if (alarms.length > 0) await ports.alarms.put(alarms)
  if (isKept) {
    const sent = await send(deploying, ports)
    if (sent !== undefined) return sent
    // It was deleted by hand, and is made anew.
    const anew = await prepareConfig(deploying, ports)
    if (anew !== 'ready') return unprepared(anew, ports)
  }
  const sent = await send(deploying, ports)
  if (sent !== undefined) return sent
  // What was just made is not seen everywhere at once (CreateEndpoint, on eventual consistency): the queue asks again.
  throw new Error(`SageMaker does not know the endpoint configuration ${deploying.candidate.config} yet`)
}

/** What cannot be packed this time cannot the next time either. */
function unprepared(prepared: Exclude<Prepared, 'ready'>, ports: DeploymentPorts): Started {
  if (prepared === 'building') return later(ports)
  const reason =
    'its files are too many or too large to be packed into a model.tar.gz within 13 minutes: have it served by instances without `package` in lake.yml, for which SageMaker reads them where they are'
  return { kind: 'failed', reason }
}

/** `undefined`: SageMaker does not know the configuration. */
async function send(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Started | undefined> {
  switch (await sendTo(deploying, ports)) {
    case 'sent':
      return started(deploying, ports)
    case 'busy':
      return later(ports)
    case 'no-config':
      return undefined
  }
}

/** One that was deleted by hand is not there to go back to. */
export async function restore(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const reason = `the endpoint configuration ${deploying.candidate.config} is not there any more`
  return (await send(deploying, ports)) ?? { kind: 'failed', reason }
}

/** One that failed to be created takes nothing but its deletion (DescribeEndpoint, EndpointStatus). */
async function sendTo(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Sent> {
  const { model, candidate, endpoint } = deploying
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
  return withScalingOff(deploying, ports, () =>
    sagemaker.updateEndpoint(name, candidate.config, guardOf(deploying, ports)),
  )
}
