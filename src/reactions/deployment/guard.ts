import type { AlarmSpec } from '../../sagemaker/alarms.ts'
import type { Guard } from '../../sagemaker/sagemaker.ts'
import type { Deploying } from './deploying.ts'
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

/**
 * SageMaker refuses another type of instances for a variant that scales ("Update endpoints that use auto scaling"): its
 * scaling ends for the update, and is set again after it.
 */
export async function unscale(
  { model, pending, memo, endpoint }: Deploying,
  { sagemaker }: DeploymentPorts,
): Promise<void> {
  const { compute, name } = model.endpoint
  const serving = memo.deployments.find(({ config }) => config === endpoint?.config)
  if (compute.kind !== 'instances' || (serving !== undefined && serving.instance === pending.instance)) return
  const { capacity = '' } = serving ?? memo.deployments[0] ?? {}
  if (isScaled(capacity)) await sagemaker.scale(name, { ...compute, max: compute.min })
}

function isScaled(capacity: string): boolean {
  const [min, max] = capacity.split('-')
  return min !== max
}
