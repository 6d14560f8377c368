import { Refused } from '../../errors.ts'
import { locationUri, type Model } from '../../lake/lake.ts'
import type { Cursor } from '../../ledger/ledger.ts'
import type { Endpoint } from '../../sagemaker/sagemaker.ts'
import { configOf, type Desired, type Observed, targetOf } from './decide.ts'
import { type Memo, parseMemo } from './memo.ts'
import { configName, packageLocation } from './names.ts'
import type { DeploymentPorts } from './ports.ts'

/** The numbers of deployments are the versions of an endpoint: each look finds the next one, or nothing to do. */
export async function observe(model: Model, cursor: Cursor, ports: DeploymentPorts): Promise<Observed> {
  const memo = parseMemo(cursor.memo)
  const [said, endpoint] = await Promise.all([
    desiredOf(model, ports).then(
      (desired) => ({ desired }),
      (error: unknown) => ({ error }),
    ),
    ports.sagemaker.endpoint(model.endpoint.name),
  ])
  const desired = 'error' in said ? assumed(memo, endpoint, said.error) : said.desired
  return {
    model,
    version: cursor.version + 1,
    committed: ports.now(),
    memo,
    ...(cursor.refusal === undefined ? {} : { isRefused: true }),
    ...(desired === undefined ? {} : { desired }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

/**
 * What the registry says where it does not answer: what it said when an operator went back, or when that failed. For going back
 * alone, which needs no registry: without it the endpoint would be left to what does not work.
 *
 * @throws what the registry's call threw, where there is nothing to go back to or the endpoint is there already
 */
function assumed(memo: Memo, endpoint: Endpoint | undefined, error: unknown): Desired | undefined {
  const { held, failed } = memo
  const about = { registered: '', capacity: '' }
  const desired =
    held === undefined
      ? failed && { ...about, config: failed.config, version: failed.version }
      : held.over === undefined
        ? undefined
        : { ...about, config: '', version: held.over }
  const target = targetOf({ memo, ...(desired && { desired }), ...(endpoint && { endpoint }) })
  if (target?.kind !== 'restore' || (endpoint?.status === 'InService' && endpoint.config === configOf(target)))
    throw error
  return desired
}

async function desiredOf(model: Model, ports: DeploymentPorts): Promise<Desired | undefined> {
  const version = await ports.registryOf(model).promoted(model.registered, model.promote)
  if (version === undefined) return undefined
  const name = `version ${version.version} of ${model.registered}`
  if (version.status === 'failed')
    throw new Refused('version-failed', `${name} failed to be registered, and has the mark all the same`, {
      subject: model.registered,
      advice: 'Register it again, and move the mark there.',
    })
  // No event says when it is ready: the queue asks again.
  if (version.status === 'pending') throw new Error(`${name} is still being registered`)
  const { compute } = model.endpoint
  const config = configName(model, version, ports.stack, ports.digest)
  return {
    config,
    version: version.version,
    registered: model.registered,
    ...(compute.kind === 'serverless'
      ? { capacity: '' }
      : {
          capacity: `${compute.min}-${compute.max}`,
          instance: compute.type,
          ...(compute.invocations !== undefined && { invocations: compute.invocations }),
        }),
    ...(model.package === undefined ? {} : { packed: locationUri(packageLocation(config, model.package)) }),
  }
}
