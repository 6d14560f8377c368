import type { AlarmSpec } from './alarms.ts'
import type { Instances, Model } from '../../lake/lake.ts'
import type { Guard, Sent } from './sagemaker.ts'
import type { Deploying } from './deploying.ts'
import type { Deployment } from './state.ts'
import { alarmName } from './names.ts'
import type { DeploymentPorts } from './ports.ts'

/** On the new fleet alone: one on the whole endpoint may ring because of the old fleet, which is being replaced. */
export function alarmsOf({ model, pending: { config, capacity } }: Deploying, { stack }: DeploymentPorts): AlarmSpec[] {
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

/** Going back is watched by nobody, and at once: what serves is known to be worse. */
export function guardOf(deploying: Deploying, ports: DeploymentPorts): Guard {
  const { model, pending, state } = deploying
  const [current] = state.deployments
  const isUnchanged = current === undefined ? isScaled(pending.capacity) : current.capacity === pending.capacity
  const retainCapacity = pending.restore || isUnchanged
  if (pending.capacity === '') return { alarms: [], retainCapacity: false }
  if (pending.restore) return { rollout: { kind: 'all-at-once', bake: 0 }, alarms: [], retainCapacity }
  const alarms = alarmsOf(deploying, ports).map(({ name }) => name)
  return { rollout: model.endpoint.rollout, alarms, retainCapacity }
}

/**
 * SageMaker refuses another type of instances for a variant that scales ("Update endpoints that use auto scaling"): its
 * scaling ends for the update, and is set again after it, or when nothing comes of it.
 */
export async function withScalingOff(
  { model, pending, state, endpoint }: Deploying,
  { sagemaker }: DeploymentPorts,
  update: () => Promise<Sent>,
): Promise<Sent> {
  const { name } = model.endpoint
  const known = state.deployments.find(({ config }) => config === endpoint?.config)
  const [last] = state.deployments
  const scaling = last && scalingOf(last, model)
  if (scaling === undefined || known?.instance === pending.instance) return update()
  // It may be there for what served before, where it is still to be set, or where somebody put something else there.
  if (state.scalingPending !== true && !state.deployments.some(({ capacity }) => isScaled(capacity))) return update()
  await sagemaker.scale(name, { ...scaling, max: scaling.min })
  let sent: Sent | undefined
  try {
    return (sent = await update())
  } finally {
    if (sent !== 'sent') await sagemaker.scale(name, scaling)
  }
}

/**
 * How a deployment scales: as lake.yml said of it; but not where lake.yml says of none that they scale by now, which takes the
 * right to it. `undefined` for serverless.
 */
export function scalingOf(
  { capacity, instance: type, invocations }: Deployment,
  { endpoint: { compute } }: Pick<Model, 'endpoint'>,
): Instances | undefined {
  if (type === undefined || compute.kind !== 'instances') return undefined
  const [min = 1, most = min] = capacity.split('-').map(Number)
  const max = compute.min === compute.max ? min : most
  return { kind: 'instances', type, min, max, ...(invocations === undefined ? {} : { invocations }) }
}

function isScaled(capacity: string): boolean {
  const [min, max = min] = capacity.split('-')
  return min !== max
}
