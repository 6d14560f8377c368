import { isScaled } from './autoscaling.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import type { AlarmSpec, DeploymentPorts, Guard } from './ports.ts'
import { alarmName } from './resource-names.ts'

/** Alarms on the new fleet only. An alarm on the whole endpoint may fire because of the old fleet, which is being replaced. */
export function alarmsOf(
  { model, candidate: { config, capacity } }: EndpointUpdate,
  { stack }: DeploymentPorts,
): AlarmSpec[] {
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

/** A restore happens all at once and without alarms: what serves is already known to be worse. */
export function guardOf(update: EndpointUpdate, ports: DeploymentPorts): Guard {
  const { model, candidate, state } = update
  const [current] = state.deployments
  const isUnchanged = current === undefined ? isScaled(candidate.capacity) : current.capacity === candidate.capacity
  const retainCapacity = candidate.restore || isUnchanged
  if (candidate.capacity === '') return { alarms: [], retainCapacity: false }
  if (candidate.restore) return { rollout: { kind: 'all-at-once', bake: 0 }, alarms: [], retainCapacity }
  const alarms = alarmsOf(update, ports).map(({ name }) => name)
  return { rollout: model.endpoint.rollout, alarms, retainCapacity }
}
