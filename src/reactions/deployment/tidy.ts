import type { Location, Model } from '../../lake/lake.ts'
import { locationUri } from '../../lake/lake.ts'
import { configOf, type Observed, targetOf } from './decide.ts'
import { type Leftover, leftovers } from './memo.ts'
import { alarmNames } from './names.ts'
import type { DeploymentPorts } from './ports.ts'
import { tell } from './report.ts'

/**
 * Sets autoscaling, takes away what nobody needs any more, and tells versions what became of them. Apart from deployments, so
 * that neither a registry that is down nor a right or a quota that is missing keeps an endpoint from what is to serve.
 */
export async function tidy({ model, desired, endpoint, memo }: Observed, ports: DeploymentPorts): Promise<void> {
  const target = targetOf(desired, memo, endpoint)
  // Of a first version that failed, the endpoint still is what it is.
  if (target !== undefined && endpoint?.config === configOf(target)) {
    const begun = leftovers([...(memo.leftovers ?? []), ...(memo.pending === undefined ? [] : [memo.pending])], [])
    if (begun.length > 0) await ports.alarms.remove(begun.flatMap(({ config }) => alarmNames(ports.stack, config)))
    for (const each of leftovers(begun, memo.deployments)) await remove(each, model, ports)
    const { compute, name } = model.endpoint
    if (memo.unscaled === true && compute.kind === 'instances') await ports.sagemaker.scale(name, compute)
  }
  for (const report of memo.untold ?? []) await tell(model, report, ports.registryOf(model))
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
