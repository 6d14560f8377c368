import type { Location } from '../../lake/lake.ts'
import type { Model } from './settings.ts'
import { locationUri } from '../../lake/lake.ts'
import { scalingOf } from './autoscaling.ts'
import type { DeploymentPorts } from './ports.ts'
import { alarmNames } from './resource-names.ts'
import { type DeploymentState, type Leftover, leftovers } from './state.ts'
import { type ObservedEndpoint, servingOf } from './target.ts'
import { tagVersion } from './version-tags.ts'

/**
 * Deletes leftovers, sets autoscaling and tags versions, as the state says. Apart from deployments, so that a registry that is
 * down, a missing right or a quota delays no deployment. Each part is done even if another one fails.
 *
 * @throws the error of the first part that failed. All parts are safe to repeat.
 */
export async function runCleanup(
  { model, state, endpoint }: Pick<ObservedEndpoint, 'model' | 'state' | 'endpoint'>,
  ports: DeploymentPorts,
): Promise<void> {
  const isServing = servingOf({ endpoint, state }) !== undefined
  const parts = [
    ...(isServing ? [deleteLeftovers(model, state, ports), scale(model, state, ports)] : []),
    writeReports(model, state, ports),
  ]
  for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason
}

async function deleteLeftovers(
  model: Model,
  { leftovers: all = [], deployments }: DeploymentState,
  ports: DeploymentPorts,
): Promise<void> {
  if (all.length > 0) await ports.alarms.remove(all.flatMap(({ config }) => alarmNames(ports.stack, config)))
  for (const each of leftovers(all, deployments)) await remove(each, model, ports)
}

async function scale(model: Model, state: DeploymentState, { sagemaker }: DeploymentPorts): Promise<void> {
  const [serving] = state.deployments
  const scaling = serving && scalingOf(serving, model)
  if (state.scalingPending === true && scaling !== undefined) await sagemaker.scale(model.endpoint.name, scaling)
}

async function writeReports(
  model: Model,
  { pendingReports = [] }: DeploymentState,
  ports: DeploymentPorts,
): Promise<void> {
  for (const report of pendingReports) await tagVersion(model, report, ports.registryOf(model))
}

async function remove({ config, packed }: Leftover, model: Model, ports: DeploymentPorts): Promise<void> {
  await ports.sagemaker.deleteConfig(config)
  await ports.sagemaker.deleteModel(config)
  const at = packed === undefined ? undefined : within(packed, model.package)
  if (at !== undefined) await ports.artifacts.removePackage(at)
}

/** The function may delete only where lake.yml puts packages now, not where it did before. */
function within(uri: string, packages: Location | undefined): Location | undefined {
  if (packages === undefined || !uri.startsWith(`${locationUri(packages)}/`)) return undefined
  return { bucket: packages.bucket, prefix: uri.slice(`s3://${packages.bucket}/`.length) }
}
