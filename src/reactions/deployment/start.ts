import type { Fact } from '../../bus/facts.ts'
import { Refused } from '../../errors.ts'
import type { Location, Model } from '../../lake/lake.ts'
import type { Cursor } from '../../ledger/ledger.ts'
import type { AlarmSpec } from '../../sagemaker/alarms.ts'
import type { Inspected } from '../../sagemaker/artifacts.ts'
import { servingVersion } from '../../sagemaker/mlmodel.ts'
import type { Endpoint, Guard, Sent, Tags } from '../../sagemaker/sagemaker.ts'
import type { Started } from '../reaction.ts'
import { configOf, isBusy, isTaking, type Target, targetOf } from './decide.ts'
import { observe } from './observe.ts'
import { type DeploymentPorts, modelOf, pendingOf } from './ports.ts'
import type { Memo, Pending } from './memo.ts'
import { alarmName, packageLocation } from './names.ts'
import { report } from './report.ts'

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
  const pending = pendingOf(cursor)
  const { desired, endpoint, memo } = await observe(model, cursor, ports)
  const target = targetOf(desired, memo)
  if (target === undefined || !isAbout(target, pending)) return { kind: 'nothing' }
  const deploying = { model, pending, memo, ...(endpoint === undefined ? {} : { endpoint }) }
  if (endpoint !== undefined && isTaking(endpoint, pending.config)) return started(deploying, ports)
  if (endpoint !== undefined && isBusy(endpoint)) return later(ports)
  if (pending.restore) return send(deploying, ports)
  try {
    return await deploy(deploying, ports)
  } catch (error) {
    if (error instanceof Refused) {
      const { config, version } = pending
      await report(model, version, 'refused', { config, reason: error.message }, ports.registryOf(model), ports.now())
    }
    throw error
  }
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
  await report(model, version, 'deploying', { config }, ports.registryOf(model), ports.now())
  // One that served before is there still.
  if (!memo.deployments.some((each) => each.config === config) && !(await prepare(deploying, ports)))
    return later(ports)
  const alarms = endpoint === undefined ? [] : alarmsOf(deploying, ports)
  if (alarms.length > 0) await ports.alarms.put(alarms)
  return send(deploying, ports)
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
  const { model, pending, endpoint } = deploying
  const sent = await sendTo(model.endpoint.name, pending.config, endpoint, guardOf(deploying, ports), model, ports)
  switch (sent) {
    case 'sent':
      return started(deploying, ports)
    case 'busy':
      return later(ports)
    case 'no-config':
      // What was just made is not seen everywhere at once (SageMaker, CreateEndpoint: eventual consistency).
      if (!pending.restore) throw new Error(`SageMaker does not know the endpoint configuration ${pending.config} yet`)
      throw new Refused('deployment-gone', `the endpoint configuration ${pending.config} is not there any more`, {
        subject: pending.config,
        advice: `It was deleted by hand. Promote a version that is to serve.`,
      })
  }
}

/** One that failed to be created takes nothing but its deletion (DescribeEndpoint, EndpointStatus). */
async function sendTo(
  name: string,
  config: string,
  endpoint: Endpoint | undefined,
  guard: Guard,
  model: Model,
  { sagemaker, lake }: DeploymentPorts,
): Promise<Sent> {
  if (endpoint === undefined)
    return sagemaker.createEndpoint(name, config, { 'landfall:lake': lake, 'landfall:model': model.name })
  if (endpoint.status !== 'Failed') return sagemaker.updateEndpoint(name, config, guard)
  await sagemaker.deleteEndpoint(name)
  return 'busy'
}

/** Going back is watched by nobody, and at once: what serves is known to be worse. */
function guardOf(deploying: Deploying, ports: DeploymentPorts): Guard {
  const { model, pending, memo } = deploying
  const [current] = memo.deployments
  const retainCapacity = pending.restore || current === undefined || current.capacity === pending.capacity
  const retainCapture = pending.restore || model.endpoint.capture === undefined
  if (pending.capacity === '') return { alarms: [], retainCapacity: false, retainCapture: false }
  if (pending.restore) return { rollout: { kind: 'all-at-once', bake: 0 }, alarms: [], retainCapacity, retainCapture }
  const alarms = alarmsOf(deploying, ports).map(({ name }) => name)
  return { rollout: model.endpoint.rollout, alarms, retainCapacity, retainCapture }
}
