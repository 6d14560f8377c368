import type { DeploymentFact } from './facts.ts'
import { reasonText, Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Sent } from './sagemaker.ts'
import type { Started } from '../../core/reaction.ts'
import type { Deploying } from './deploying.ts'
import { alarmsOf, guardOf, withScalingOff } from './guard.ts'
import { cleanup, afterCleanup } from './cleanup.ts'
import { type Pending, serializeState, queueReports } from './state.ts'
import { observe } from './observe.ts'
import { checkOwner, OWNER, TAKEN } from './owner.ts'
import { type DeploymentPorts, modelOf } from './ports.ts'
import { type Prepared, prepare } from './prepare.ts'
import { tagVersion } from './report.ts'
import { configOf, isBusy, isMovingTo, type ObservedEndpoint, type Target, targetOf } from './target.ts'
import { runCleanup } from './clean-up.ts'

/** How often what a deployment waits for is looked at, should the news of its end be lost, in ms. */
const LATER = 30_000
/** After so long a preparation, what is to serve is looked at again, in ms. */
const LONG = 5_000

/**
 * Begins what the run is about, if that still is what is to serve: otherwise nothing is begun, and the next look finds the
 * newer promotion. Whatever was begun before, by whoever, is found by its name and used.
 */
export async function start(
  cursor: Cursor,
  stillClaimed: () => Promise<boolean>,
  ports: DeploymentPorts,
): Promise<Started> {
  const model = modelOf(cursor, ports)
  const observed = await observe(model, cursor, ports)
  const { endpoint, state } = observed
  const left = cleanup(observed, ports.now())
  if (left !== undefined) {
    if (!left.isEmpty) await runCleanup(observed, ports)
    return { kind: 'done', state: serializeState(left.state) }
  }
  const { pending } = state
  if (pending === undefined || !isAbout(targetOf(observed), pending)) return { kind: 'nothing' }
  const deploying: Deploying = {
    model,
    pending,
    state,
    refusal: cursor.refusal,
    ...(endpoint === undefined ? {} : { endpoint }),
    async isWanted() {
      return (await stillClaimed()) && isAbout(targetOf(await observe(model, cursor, ports)), pending)
    },
  }
  if (endpoint !== undefined && isMovingTo(endpoint, pending.config)) return takeOver(deploying, ports)
  if (endpoint !== undefined && isBusy(endpoint)) return later(ports)
  try {
    await checkOwner(deploying, ports)
    return await (pending.restore ? restore(deploying, ports) : deploy(deploying, ports))
  } catch (error) {
    // Of an endpoint that is somebody else's, nothing can be gone back to.
    if (!(error instanceof Refused) || (pending.restore && error.code === TAKEN)) throw error
    // There may be another one.
    if (pending.restore) return { kind: 'failed', reason: error.message }
    const answer = await refused(deploying, error, observed, ports)
    // Whoever looked meanwhile left it to this run, and nobody looks again after a refusal.
    return (await deploying.isWanted()) ? answer : { kind: 'nothing' }
  }
}

/**
 * Whoever promoted it is told, and what serves gets what it is due: it waits for nothing that may never come. Where that fails,
 * it is tried again whenever the refusal is met again, and the operator learns of it.
 */
async function refused(
  { pending: { config, version, registered }, refusal: known }: Deploying,
  refusal: Refused,
  observed: ObservedEndpoint,
  ports: DeploymentPorts,
): Promise<Started> {
  const { code, message, detail } = refusal
  const reason = reasonText(message)
  const report = { registered, version, progress: 'refused', config, reason, at: ports.now() } as const
  // Each sweep meets it again.
  const reports = known?.reason === reason ? [] : [report]
  const due = { ...observed, state: { ...observed.state, pendingReports: queueReports(observed.state, reports) } }
  try {
    await runCleanup(due, ports)
    return { kind: 'refused', refusal, state: serializeState(afterCleanup(due)) }
  } catch (cause) {
    const undone = cause instanceof Error ? cause.message : String(cause)
    const both = `${reason}; nor could be done what else is due: ${undone}`
    const state = serializeState(due.state)
    return { kind: 'refused', refusal: new Refused(code, both, detail, { cause: refusal }), state }
  }
}

function isAbout(target: Target | undefined, { config, restore }: Pending): boolean {
  return target !== undefined && configOf(target) === config && (target.kind === 'restore') === restore
}

function later({ now }: DeploymentPorts): Started {
  return { kind: 'later', until: now() + LATER }
}

/** What somebody sent before, or died while sending. Its alarms may have gone with a first attempt. */
async function takeOver(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  if (deploying.endpoint?.status === 'Updating' && !deploying.pending.restore) {
    const alarms = alarmsOf(deploying, ports)
    if (alarms.length > 0) await ports.alarms.put(alarms)
  }
  return started(deploying, ports)
}

/** The id says what is being deployed, and when the endpoint had been modified before: until that changes, nothing is known. */
function started({ model, pending, endpoint }: Deploying, { lake }: DeploymentPorts): Started {
  const { registered, registry, endpoint: settings } = model
  const detail = { lake, endpoint: settings.name, model: registered, version: pending.version, registry }
  const facts: DeploymentFact[] = pending.restore ? [] : [{ type: 'Model Promoted', detail }]
  const externalId = endpoint === undefined ? pending.config : `${pending.config}@${endpoint.modified}`
  return { kind: 'started', externalId, facts }
}

/** ms since the epoch; before all times where there was no endpoint. */
export function modifiedBefore(externalId = ''): number {
  const modified = externalId.split('@')[1]
  return modified === undefined ? -Infinity : Number(modified)
}

async function deploy(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  const { model, pending, state, endpoint, refusal } = deploying
  const { config, version, registered } = pending
  const began = ports.now()
  // Once: while its image is built it is looked at every half a minute, and while it is refused by every sweep.
  if (refusal === undefined && began < pending.since + LONG)
    await tagVersion(model, { registered, version, progress: 'deploying', config, at: began }, ports.registryOf(model))
  const isKept = state.deployments.some((each) => each.config === config)
  const prepared = isKept ? 'ready' : await prepare(deploying, ports)
  if (prepared !== 'ready') return unprepared(prepared, ports)
  // Packing takes minutes: what was promoted, or gone back to, meanwhile takes its place.
  if (ports.now() > began + LONG && !(await deploying.isWanted())) return { kind: 'nothing' }
  const alarms = endpoint === undefined ? [] : alarmsOf(deploying, ports)
  if (alarms.length > 0) await ports.alarms.put(alarms)
  if (isKept) {
    const sent = await send(deploying, ports)
    if (sent !== undefined) return sent
    // It was deleted by hand, and is made anew.
    const anew = await prepare(deploying, ports)
    if (anew !== 'ready') return unprepared(anew, ports)
  }
  const sent = await send(deploying, ports)
  if (sent !== undefined) return sent
  // What was just made is not seen everywhere at once (CreateEndpoint, on eventual consistency): the queue asks again.
  throw new Error(`SageMaker does not know the endpoint configuration ${config} yet`)
}

/** What cannot be packed this time cannot the next time either. */
function unprepared(prepared: Exclude<Prepared, 'ready'>, ports: DeploymentPorts): Started {
  if (prepared === 'building') return later(ports)
  const reason =
    'its files are too many or too large to be packed into a model.tar.gz within 13 minutes: have it served by instances without `package` in lake.yml, for which SageMaker reads them where they are'
  return { kind: 'failed', reason }
}

/** `undefined`: SageMaker does not know the configuration. */
async function send(deploying: Deploying, ports: DeploymentPorts): Promise<Started | undefined> {
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
async function restore(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  const reason = `the endpoint configuration ${deploying.pending.config} is not there any more`
  return (await send(deploying, ports)) ?? { kind: 'failed', reason }
}

/** One that failed to be created takes nothing but its deletion (DescribeEndpoint, EndpointStatus). */
async function sendTo(deploying: Deploying, ports: DeploymentPorts): Promise<Sent> {
  const { model, pending, endpoint } = deploying
  const { sagemaker, stack, lake } = ports
  const { name } = model.endpoint
  if (endpoint === undefined)
    return sagemaker.createEndpoint(name, pending.config, {
      [OWNER]: stack,
      'landfall:lake': lake,
      'landfall:model': model.name,
    })
  if (endpoint.status === 'Failed') {
    await sagemaker.deleteEndpoint(name)
    return 'busy'
  }
  return withScalingOff(deploying, ports, () =>
    sagemaker.updateEndpoint(name, pending.config, guardOf(deploying, ports)),
  )
}
