import { Refused } from '../../errors.ts'
import type { Model } from '../../lake/lake.ts'
import type { Cursor } from '../../ledger/ledger.ts'
import type { Version } from '../../registry/registry.ts'
import type { Desired, Observed } from './decide.ts'
import { parseMemo } from './memo.ts'
import { configName } from './names.ts'
import type { DeploymentPorts } from './ports.ts'

/** The numbers of deployments are the versions of an endpoint: each look finds the next one, or nothing to do. */
export async function observe(model: Model, cursor: Cursor, ports: DeploymentPorts): Promise<Observed> {
  const [version, endpoint] = await Promise.all([
    ports.registryOf(model).promoted(model.registered, model.promote),
    ports.sagemaker.endpoint(model.endpoint.name),
  ])
  const desired = version === undefined ? undefined : desiredOf(model, version, ports)
  return {
    version: cursor.version + 1,
    committed: ports.now(),
    memo: parseMemo(cursor.memo),
    ...(desired === undefined ? {} : { desired }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

function desiredOf(model: Model, version: Version, { digest }: DeploymentPorts): Desired {
  const { compute } = model.endpoint
  const name = `version ${version.version} of ${model.registered}`
  if (version.status === 'failed')
    throw new Refused('version-failed', `${name} failed to be registered, and has the mark all the same`, {
      subject: model.registered,
      advice: 'Register it again, and move the mark there.',
    })
  // No event says when it is ready: the queue asks again.
  if (version.status === 'pending') throw new Error(`${name} is still being registered`)
  return {
    config: configName(model, version, digest),
    version: version.version,
    capacity: compute.kind === 'instances' ? `${compute.min}-${compute.max}` : '',
    ...(model.package === undefined ? {} : { packed: true }),
  }
}
