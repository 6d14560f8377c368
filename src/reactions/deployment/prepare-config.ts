import type { Location } from '../../lake/lake.ts'
import type { DeploymentPorts, Inspected, Tags } from './ports.ts'
import { servingVersion } from './artifacts/mlmodel.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import { packageLocation } from './resource-names.ts'

/** `building`: the image is being built. `too-slow`: the package cannot be made in the time that a function has. */
export type Prepared = 'ready' | 'building' | 'too-slow'

/** Creates the SageMaker model and its endpoint configuration, with the package and the image that they need. */
export async function prepareConfig(
  { model, candidate: { config, version } }: EndpointUpdate,
  ports: DeploymentPorts,
): Promise<Prepared> {
  const { endpoint, registered } = model
  const folder = await ports.registryOf(model).artifacts(registered, version)
  const inspected = await ports.artifacts.inspect(folder, model.package === undefined)
  const image = model.image ?? (await builtImage(inspected, folder, ports))
  if (image === undefined) return 'building'
  const packed = model.package && packageLocation(config, model.package)
  if (packed !== undefined && (await ports.artifacts.pack(folder, packed)) === 'too-slow') return 'too-slow'
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
  return 'ready'
}

async function builtImage(
  inspected: Inspected,
  folder: Location,
  { images }: DeploymentPorts,
): Promise<string | undefined> {
  const image = await images.find(servingVersion(inspected, folder))
  return image.kind === 'ready' ? image.uri : undefined
}
