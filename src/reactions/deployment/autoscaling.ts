import type { Instances, Model } from './settings.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import type { DeploymentPorts, Sent } from './ports.ts'
import type { Deployment } from './state.ts'

/**
 * SageMaker rejects another instance type for a variant that autoscales ("Update endpoints that use auto scaling"). So
 * autoscaling is removed before such an update. The clean-up sets it again; if the update is not sent, it is set again here.
 */
export async function withScalingOff(
  { model, candidate, state, endpoint }: EndpointUpdate,
  { sagemaker }: DeploymentPorts,
  update: () => Promise<Sent>,
): Promise<Sent> {
  const { name } = model.endpoint
  const current = state.deployments.find(({ config }) => config === endpoint?.config)
  const [last] = state.deployments
  const scaling = last && scalingOf(last, model)
  if (scaling === undefined || current?.instance === candidate.instance) return update()
  // It may still be set for an earlier deployment, or somebody else may have replaced what serves.
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
 * How a deployment scales: as lake.yml said when it was deployed. It does not scale if lake.yml no longer lets the endpoint
 * scale, since the function then has no right to set it. `undefined` for serverless.
 */
export function scalingOf(
  { capacity, instance: type, invocations }: Deployment,
  { endpoint: { compute } }: Pick<Model, 'endpoint'>,
): Instances | undefined {
  if (type === undefined || compute.kind !== 'instances') return undefined
  const [min = 1, most = min] = capacity.split('-').map(Number)
  const max = compute.min === compute.max ? min : most
  return { kind: 'instances', type, min, max, invocations }
}

export function isScaled(capacity: string): boolean {
  const [min, max = min] = capacity.split('-')
  return min !== max
}
