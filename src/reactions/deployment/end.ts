import type { Fact } from '../../bus/facts.ts'
import { reasonText } from '../../errors.ts'
import type { Model } from '../../lake/lake.ts'
import type { Cursor, Run } from '../../ledger/ledger.ts'
import type { Ended, EndOfRun, Pace } from '../reaction.ts'
import { type DeploymentPorts, modelOf, pendingOf } from './ports.ts'
import { type Deployment, type Leftover, leftovers, type Memo, parseMemo, type Pending, serializeMemo } from './memo.ts'
import { alarmNames, packageLocation } from './names.ts'
import { report } from './report.ts'

interface Ending {
  readonly model: Model
  readonly pending: Pending
  readonly memo: Memo
}

/** What is due once a deployment is over: its alarms go, whoever promoted it is told, and what nobody needs any more goes. */
export async function end(
  run: Run,
  ended: EndOfRun,
  cursor: Cursor,
  pace: Pace,
  ports: DeploymentPorts,
): Promise<Ended> {
  const ending = { model: modelOf(cursor, ports), pending: pendingOf(cursor), memo: parseMemo(cursor.memo) }
  const watched = leftovers([ending.pending, ...(ending.memo.leftovers ?? [])], [])
  await ports.alarms.remove(watched.flatMap(({ config }) => alarmNames(ports.stack, config)))
  if (ended.kind === 'succeeded') return succeeded(ending, ports)
  if (ended.passing === true && run.attempt < pace.attempts) return {}
  return failed(ending, ended.reason, ports)
}

async function succeeded(ending: Ending, ports: DeploymentPorts): Promise<Ended> {
  const { model, pending, memo } = ending
  const { endpoint } = model
  const now = ports.now()
  const { since, from: _from, restore, ...about } = pending
  const others = memo.deployments.filter(({ config }) => config !== pending.config)
  const deployments = [{ ...about, at: now }, ...ready(others, memo.held?.to, endpoint.keep)]
  if (endpoint.compute.kind === 'instances' && pending.capacity !== '')
    await ports.sagemaker.scale(endpoint.name, endpoint.compute)
  const back = takenBack(ending)
  await tellVersions(ending, back, ports)
  for (const each of leftovers([...(memo.leftovers ?? []), ...others], deployments)) await remove(each, model, ports)
  const { pending: _done, failed: known, held, leftovers: _gone, ...rest } = memo
  // Both are about what the registry says now: a promotion that worked is the end of them, unless it is what is gone back from.
  const isHeld = restore || held?.over === pending.config
  const kept = { ...(restore && known && { failed: known }), ...(isHeld && held && { held }) }
  const deployed: Fact = {
    type: 'Endpoint Deployed',
    detail: { ...detailOf(ending, pending.version, ports), config: pending.config, took: now - since },
  }
  const facts = back === undefined ? [deployed] : [rolledBack(ending, back, pending, ports), deployed]
  return { memo: serializeMemo({ ...rest, ...kept, deployments }), facts }
}

/** The ones to keep: those that served last, and what an operator goes back to, however old it is. */
function ready(others: readonly Deployment[], to: string | undefined, keep: number): Deployment[] {
  const wanted = others.toSorted((a, b) => Number(b.config === to) - Number(a.config === to)).slice(0, keep)
  return others.filter((each) => wanted.includes(each))
}

/** What an operator went back from, and why, if that is what this was. */
function takenBack({ pending, memo: { held, deployments } }: Ending): (Deployment & { reason: string }) | undefined {
  const [before] = deployments
  if (!pending.restore || held?.to !== pending.config || before === undefined || before.config === pending.config)
    return undefined
  return { ...before, reason: `an operator went back to version ${pending.version}` }
}

async function tellVersions(
  { model, pending: { config, version }, memo: { deployments } }: Ending,
  back: ReturnType<typeof takenBack>,
  ports: DeploymentPorts,
): Promise<void> {
  const registry = ports.registryOf(model)
  const [before] = deployments
  if (before !== undefined && before.version !== version) {
    const progress = back === undefined ? 'replaced' : 'rolled-back'
    await report(model, before.version, progress, { ...before, ...back }, registry, ports.now())
  }
  await report(model, version, 'deployed', { config }, registry, ports.now())
}

/**
 * A version that failed is left alone until the registry says something else. A deployment that could not be gone back to is
 * tried again after a while, the others before it.
 */
async function failed(ending: Ending, whole: string, ports: DeploymentPorts): Promise<Ended> {
  const { model, pending, memo } = ending
  const { config, version, restore } = pending
  const [reason, at] = [reasonText(whole), ports.now()]
  const { pending: _over, ...rest } = memo
  const next: Memo = restore
    ? {
        ...rest,
        deployments: memo.deployments.map((each) => (each.config === config ? { ...each, failedAt: at } : each)),
      }
    : { ...rest, failed: { config, version, reason, at } }
  const left = leftovers([...(memo.leftovers ?? []), pending], [])
  await report(model, version, 'rolled-back', { config, reason }, ports.registryOf(model), at)
  const serving = await ports.sagemaker.endpoint(model.endpoint.name)
  const now = serving === undefined ? undefined : servingOf(serving.config, ending)
  const facts = [rolledBack(ending, { config, version, reason }, now, ports)]
  return { final: true, memo: serializeMemo({ ...next, leftovers: left }), facts }
}

function servingOf(config: string, { pending, memo }: Ending): { config: string; version?: string } {
  const known = [pending, ...memo.deployments].find((each) => each.config === config)
  return known === undefined ? { config } : { config, version: known.version }
}

function detailOf({ model }: Ending, version: string, { lake }: DeploymentPorts) {
  return { lake, endpoint: model.endpoint.name, model: model.registered, version }
}

function rolledBack(
  ending: Ending,
  { config, version, reason }: Pick<Deployment, 'config' | 'version'> & { readonly reason: string },
  serving: { readonly config: string; readonly version?: string } | undefined,
  ports: DeploymentPorts,
): Fact {
  const now = serving === undefined ? {} : { serving: { config: serving.config, version: serving.version } }
  return { type: 'Endpoint Rolled Back', detail: { ...detailOf(ending, version, ports), config, reason, ...now } }
}

async function remove({ config, packed }: Leftover, model: Model, ports: DeploymentPorts): Promise<void> {
  await ports.sagemaker.deleteConfig(config)
  await ports.sagemaker.deleteModel(config)
  if (packed === true && model.package !== undefined)
    await ports.artifacts.removePackage(packageLocation(config, model.package))
}
