import type { Fact } from '../../bus/facts.ts'
import { Refused } from '../../errors.ts'
import type { Location, Model } from '../../lake/lake.ts'
import type { Cursor } from '../../ledger/ledger.ts'
import type { AlarmSpec } from '../../sagemaker/alarms.ts'
import type { Inspected } from '../../sagemaker/artifacts.ts'
import { servingVersion } from '../../sagemaker/mlmodel.ts'
import type { Endpoint, Guard, Sent, Tags } from '../../sagemaker/sagemaker.ts'
import type { Started } from '../reaction.ts'
import { configOf, isBusy, isTaking, leftOver, type Target, targetOf } from './decide.ts'
import { observe } from './observe.ts'
import { type DeploymentPorts, modelOf } from './ports.ts'
import { type Memo, type Pending, serializeMemo } from './memo.ts'
import { alarmName, packageLocation } from './names.ts'
import { tell } from './report.ts'
import { tidy } from './tidy.ts'

/** The tag of an endpoint that says which lake and stage it is of. */
const OWNER = 'landfall:stack'
/** The code of a refusal: what is to serve is not there. */
const GONE = 'deployment-gone'
/** How often what a deployment waits for is looked at, should the news of its end be lost, in ms. */
const LATER = 30_000

interface Deploying {
  readonly model: Model
  readonly pending: Pending
  readonly memo: Memo
  readonly endpoint?: Endpoint
}

/**
 * Begins what the run is about, if that still is what is to serve: otherwise nothing is begun, and the next look finds the
 * newer promotion. Whatever was begun before, by whoever, is found by its name and used.
 */
export async function start(cursor: Cursor, ports: DeploymentPorts): Promise<Started> {
  const model = modelOf(cursor, ports)
  const observed = await observe(model, cursor, ports)
  const { desired, endpoint, memo } = observed
  const target = targetOf(desired, memo, endpoint)
  const left = leftOver({ desired, endpoint, memo, target })
  if (left !== undefined) {
    if (!left.isEmpty) await tidy(observed, ports)
    return { kind: 'done', memo: serializeMemo(left.memo) }
  }
  const { pending } = memo
  if (target === undefined || pending === undefined || !isAbout(target, pending)) return { kind: 'nothing' }
  const deploying = { model, pending, memo, ...(endpoint === undefined ? {} : { endpoint }) }
  if (endpoint !== undefined && isTaking(endpoint, pending.config)) return started(deploying, ports)
  if (endpoint !== undefined && isBusy(endpoint)) return later(ports)
  try {
    await checkOwner(deploying, ports)
    return await (pending.restore ? send(deploying, ports) : deploy(deploying, ports))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // There may be another one to go back to.
    if (pending.restore) return { kind: 'failed', reason: error.message }
    await tellRefused(deploying, error, ports)
    throw error
  }
}

/** Whoever promoted it is told, if the registry lets us: the refusal itself is recorded and published in any case. */
async function tellRefused(
  { model, pending }: Deploying,
  { message: reason }: Refused,
  ports: DeploymentPorts,
): Promise<void> {
  const { config, version } = pending
  const report = { version, progress: 'refused', config, reason, at: ports.now() } as const
  await tell(model, report, ports.registryOf(model)).catch(() => undefined)
}

/**
 * An endpoint of this name that nothing is known of was made by somebody else, or for another lake or stage: each would take
 * it from the other for ever.
 */
async function checkOwner({ model, pending, memo, endpoint }: Deploying, ports: DeploymentPorts): Promise<void> {
  const { failed, deployments, leftovers = [] } = memo
  const ours = [pending, ...(failed ? [failed] : []), ...leftovers].map(({ config }) => config)
  if (endpoint === undefined || deployments.length > 0 || ours.includes(endpoint.config)) return
  const { name } = model.endpoint
  const owner = (await ports.sagemaker.tags(name))[OWNER]
  if (owner === ports.stack) return
  throw new Refused(
    'endpoint-taken',
    owner === undefined
      ? `there is an endpoint ${name} that Landfall did not make`
      : `the endpoint ${name} is ${owner}'s`,
    {
      subject: name,
      expected: `the tag ${OWNER}=${ports.stack}`,
      found: owner ?? 'no such tag',
      advice: `Choose another name in lake.yml, or hand it over: aws sagemaker add-tags --resource-arn ARN --tags Key=${OWNER},Value=${ports.stack}`,
    },
  )
}

function isAbout(target: Target, { config, restore }: Pending): boolean {
  return configOf(target) === config && (target.kind === 'restore') === restore
}

function later({ now }: DeploymentPorts): Started {
  return { kind: 'later', until: now() + LATER }
}

function started({ model, pending }: Deploying, { lake }: DeploymentPorts): Started {
  const { registered, registry, endpoint } = model
  const detail = { lake, endpoint: endpoint.name, model: registered, version: pending.version, registry }
  const facts: Fact[] = pending.restore ? [] : [{ type: 'Model Promoted', detail }]
  return { kind: 'started', externalId: pending.config, facts }
}

async function deploy(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  const { model, pending, memo, endpoint } = deploying
  const { config, version } = pending
  await tell(model, { version, progress: 'deploying', config, at: ports.now() }, ports.registryOf(model))
  const isKept = memo.deployments.some((each) => each.config === config)
  if (!isKept && !(await prepare(deploying, ports))) return later(ports)
  const alarms = endpoint === undefined ? [] : alarmsOf(deploying, ports)
  if (alarms.length > 0) await ports.alarms.put(alarms)
  if (!isKept) return sendMade(deploying, ports)
  try {
    return await send(deploying, ports)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== GONE) throw error
  }
  // What was kept was deleted by hand, and is made anew.
  return (await prepare(deploying, ports)) ? sendMade(deploying, ports) : later(ports)
}

/** What was just made is not seen everywhere at once (CreateEndpoint, on eventual consistency): the queue asks again. */
async function sendMade(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  try {
    return await send(deploying, ports)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== GONE) throw error
    throw new Error(`SageMaker does not know the endpoint configuration ${deploying.pending.config} yet`, {
      cause: error,
    })
  }
}

/** Makes the model and its configuration. False: its image is still being built. */
async function prepare({ model, pending: { config, version } }: Deploying, ports: DeploymentPorts): Promise<boolean> {
  const { endpoint, registered } = model
  const folder = await ports.registryOf(model).artifacts(registered, version)
  const inspected = await ports.artifacts.inspect(folder, model.package === undefined)
  const image = model.image ?? (await built(inspected, folder, ports))
  if (image === undefined) return false
  const packed = model.package && packageLocation(config, model.package)
  if (packed !== undefined) await ports.artifacts.pack(folder, packed)
  const tags: Tags = { 'landfall:lake': ports.lake, 'landfall:model': model.name, 'landfall:version': version }
  await ports.sagemaker.createModel({
    name: config,
    image,
    data: packed === undefined ? { kind: 'prefix', location: folder } : { kind: 'package', location: packed },
    environment: model.environment,
    role: ports.roleOf(model),
    tags,
  })
  const { compute, capture } = endpoint
  await ports.sagemaker.createConfig({ name: config, model: config, compute, tags, ...(capture && { capture }) })
  return true
}

async function built(inspected: Inspected, folder: Location, { images }: DeploymentPorts): Promise<string | undefined> {
  const image = await images.find(servingVersion(inspected, folder))
  return image.kind === 'ready' ? image.uri : undefined
}

/** On the new fleet alone: one on the whole endpoint may ring because of the old fleet, which is being replaced. */
function alarmsOf({ model, pending: { config, capacity } }: Deploying, { stack }: DeploymentPorts): AlarmSpec[] {
  const { name: endpoint, alarms } = model.endpoint
  if (capacity === '') return []
  const alarm = (metric: AlarmSpec['metric'], limit: number): AlarmSpec => ({
    name: alarmName(stack, config, metric),
    endpoint,
    config,
    metric,
    limit,
  })
  const { errors, rejected, latency } = alarms
  return [
    alarm('errors', errors / 100),
    ...(rejected === undefined ? [] : [alarm('rejected', rejected / 100)]),
    ...(latency === undefined ? [] : [alarm('latency', latency * 1_000)]),
  ]
}

async function send(deploying: Deploying, ports: DeploymentPorts): Promise<Started> {
  const { pending } = deploying
  switch (await sendTo(deploying, ports)) {
    case 'sent':
      return started(deploying, ports)
    case 'busy':
      return later(ports)
    case 'no-config':
      throw new Refused(GONE, `the endpoint configuration ${pending.config} is not there any more`, {
        subject: pending.config,
        advice: 'It was deleted by hand. Promote a version that is to serve.',
      })
  }
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
  await unscale(deploying, ports)
  return sagemaker.updateEndpoint(name, pending.config, guardOf(deploying, ports))
}

/**
 * SageMaker refuses another type of instances for a variant that scales ("Update endpoints that use auto scaling"): its
 * scaling ends for the update, and is set again after it.
 */
async function unscale({ model, pending, memo }: Deploying, { sagemaker }: DeploymentPorts): Promise<void> {
  const [serving] = memo.deployments
  const { compute, name } = model.endpoint
  if (compute.kind !== 'instances' || serving === undefined || serving.instance === pending.instance) return
  if (isScaled(serving.capacity)) await sagemaker.scale(name, { ...compute, max: compute.min })
}

function isScaled(capacity: string): boolean {
  const [min, max] = capacity.split('-')
  return min !== max
}

/** Going back is watched by nobody, and at once: what serves is known to be worse. */
function guardOf(deploying: Deploying, ports: DeploymentPorts): Guard {
  const { model, pending, memo } = deploying
  const [current] = memo.deployments
  const isUnchanged = current === undefined ? isScaled(pending.capacity) : current.capacity === pending.capacity
  const retainCapacity = pending.restore || isUnchanged
  const retainCapture = pending.restore || model.endpoint.capture === undefined
  if (pending.capacity === '') return { alarms: [], retainCapacity: false, retainCapture: false }
  if (pending.restore) return { rollout: { kind: 'all-at-once', bake: 0 }, alarms: [], retainCapacity, retainCapture }
  const alarms = alarmsOf(deploying, ports).map(({ name }) => name)
  return { rollout: model.endpoint.rollout, alarms, retainCapacity, retainCapture }
}
