import type { Location, Model } from '../../lake/lake.ts'
import { locationUri } from '../../lake/lake.ts'
import { scalingOf } from './autoscaling.ts'
import { type DeploymentState, type Leftover, leftovers } from './state.ts'
import { alarmNames } from './resource-names.ts'
import type { DeploymentPorts } from './ports.ts'
import { tagVersion } from './version-tags.ts'
import { type ObservedEndpoint, servingOf } from './target.ts'

/**
 * Deletes what nobody needs any more, sets autoscaling, and tells versions what became of them, all as the state says. Apart
 * from deployments, so that neither a registry that is down nor a right or a quota that is missing keeps an endpoint from what
 * is to serve; and each apart from the others.
 *
 * @throws what the first of them threw that failed: all of them are done again then
 */
export async function runCleanup(
  { model, state, endpoint }: Pick<ObservedEndpoint, 'model' | 'state' | 'endpoint'>,
  ports: DeploymentPorts,
): Promise<void> {
  const steps = [
    ...(servingOf({ endpoint, state }) === undefined
      ? []
      : [deleteLeftovers(model, state, ports), scale(model, state, ports)]),
    (async () => {
      for (const report of state.pendingReports ?? []) await tagVersion(model, report, ports.registryOf(model))
    })(),
  ]
  for (const step of await Promise.allSettled(steps)) if (step.status === 'rejected') throw step.reason
}

async function deleteLeftovers(
  model: Model,
  { leftovers: all = [], deployments }: DeploymentState,
  ports: DeploymentPorts,
): Promise<void> {
  if (all.length > 0) await ports.alarms.remove(all.flatMap(({ config }) => alarmNames(ports.stack, config)))
  for (const each of leftovers(all, deployments)) await remove(each, model, ports)
}

/** As lake.yml said of what serves: what an operator went back to, or a change of lake.yml that failed, is another matter. */
async function scale(model: Model, state: DeploymentState, { sagemaker }: DeploymentPorts): Promise<void> {
  const [serves] = state.deployments
  const scaling = serves && scalingOf(serves, model)
  if (state.scalingPending === true && scaling !== undefined) await sagemaker.scale(model.endpoint.name, scaling)
}

async function remove({ config, packed }: Leftover, model: Model, ports: DeploymentPorts): Promise<void> {
  await ports.sagemaker.deleteConfig(config)
  await ports.sagemaker.deleteModel(config)
  const at = packed === undefined ? undefined : within(packed, model.package)
  if (at !== undefined) await ports.artifacts.removePackage(at)
}

/** Rights are given on where lake.yml says that packages go, and on no place where it once said so. */
function within(uri: string, packages: Location | undefined): Location | undefined {
  if (packages === undefined || !uri.startsWith(`${locationUri(packages)}/`)) return undefined
  return { bucket: packages.bucket, prefix: uri.slice(`s3://${packages.bucket}/`.length) }
}
