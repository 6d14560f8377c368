import type { Location, Model } from '../../lake/lake.ts'
import { locationUri } from '../../lake/lake.ts'
import { scalingOf } from './guard.ts'
import { abandoned } from './cleanup.ts'
import { type Leftover, leftovers, queueReports } from './state.ts'
import { alarmNames } from './names.ts'
import type { DeploymentPorts } from './ports.ts'
import { tagVersion } from './report.ts'
import { isSettled, type ObservedEndpoint, servingOf } from './target.ts'

/**
 * Takes away what nobody needs any more, sets autoscaling, and tells versions what became of them. Apart from deployments, so
 * that neither a registry that is down nor a right or a quota that is missing keeps an endpoint from what is to serve; and each
 * apart from the others. While something is still to be deployed, what was made for that is let be.
 *
 * @throws what the first of them threw that failed: all of them are done again then
 */
export async function runCleanup(observed: ObservedEndpoint, ports: DeploymentPorts): Promise<void> {
  const { model, state, isRefused } = observed
  const isOver = isSettled(observed)
  const over = isOver && state.pending !== undefined ? [state.pending] : []
  const reports = queueReports(state, isOver ? abandoned(state, ports.now(), isRefused) : [])
  const steps = [
    ...(servingOf(observed) === undefined ? [] : [takeAway(observed, over, ports), scale(observed, ports)]),
    (async () => {
      for (const report of reports) await tagVersion(model, report, ports.registryOf(model))
    })(),
  ]
  for (const step of await Promise.allSettled(steps)) if (step.status === 'rejected') throw step.reason
}

async function takeAway(
  { model, state }: ObservedEndpoint,
  over: readonly Leftover[],
  ports: DeploymentPorts,
): Promise<void> {
  const begun = leftovers([...(state.leftovers ?? []), ...over], [])
  if (begun.length > 0) await ports.alarms.remove(begun.flatMap(({ config }) => alarmNames(ports.stack, config)))
  for (const each of leftovers(begun, state.deployments)) await remove(each, model, ports)
}

/** As lake.yml said of what serves: what an operator went back to, or a change of lake.yml that failed, is another matter. */
async function scale({ model, state }: ObservedEndpoint, { sagemaker }: DeploymentPorts): Promise<void> {
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
