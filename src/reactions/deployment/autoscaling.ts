import type { Instances, Model } from '../../lake/lake.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import type { DeploymentPorts, Sent } from './ports.ts'
import type { Deployment } from './state.ts'

/**
 * SageMaker refuses another type of instances for a variant that scales ("Update endpoints that use auto scaling"): its
 * scaling ends for the update, and is set again after it, or when nothing comes of it.
 */
export async function withScalingOff(
  { model, candidate, state, endpoint }: EndpointUpdate,
  { sagemaker }: DeploymentPorts,
  update: () => Promise<Sent>,
): Promise<Sent> {
  const { name } = model.endpoint
  const known = state.deployments.find(({ config }) => config === endpoint?.config)
  const [last] = state.deployments
  const scaling = last && scalingOf(last, model)
  if (scaling === undefined || known?.instance === candidate.instance) return update()
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

export function isScaled(capacity: string): boolean {
  const [min, max = min] = capacity.split('-')
  return min !== max
}
