import type { DeploymentFact } from './facts.ts'
import { reasonText } from '../../core/refused.ts'
import type { Model } from '../../lake/lake.ts'
import type { Cursor, Run } from '../../core/ledger.ts'
import type { Ended, EndOfRun, Pace } from '../../core/reaction.ts'
import type { DeploymentPorts } from './ports.ts'
import { modelOf, candidateOf } from './claimed.ts'
import {
  type Deployment,
  leftovers,
  type DeploymentState,
  parseState,
  type Candidate,
  type Report,
  serializeState,
  queueReports,
} from './state.ts'
import { alarmNames } from './resource-names.ts'

interface Ending {
  readonly model: Model
  readonly candidate: Candidate
  readonly state: DeploymentState
}

/** What comes of a deployment that is over. Its alarms go at once: what else is due can wait, and is `tidy`'s. */
export async function end(
  run: Run,
  ended: EndOfRun,
  cursor: Cursor,
  pace: Pace,
  ports: DeploymentPorts,
): Promise<Ended> {
  const ending = { model: modelOf(cursor, ports), candidate: candidateOf(cursor), state: parseState(cursor.state) }
  await ports.alarms.remove(alarmNames(ports.stack, ending.candidate.config))
  if (ended.kind === 'succeeded') return succeeded(ending, ports)
  if (ended.passing === true && run.attempt < pace.attempts) return {}
  return failed(ending, ended.reason, ports)
}

function succeeded(ending: Ending, ports: DeploymentPorts): Ended {
  const { model, candidate, state } = ending
  const now = ports.now()
  const { since, restore, refused: _why, ...about } = candidate
  const others = state.deployments.filter(({ config }) => config !== candidate.config)
  const deployments = [{ ...about, at: now }, ...ready(others, state.held?.to, model.endpoint.keep)]
  const { failed: known, held } = state
  // Both are about what the registry says now: a promotion that worked is the end of them, unless it is what is gone back from.
  const isHeld = restore || held?.heldAgainst === candidate.version
  const back = takenBack(ending)
  const next: DeploymentState = {
    deployments,
    ...(restore && known && { failed: known }),
    ...(isHeld && held && { held }),
    ...(candidate.capacity !== '' && { scalingPending: true }),
    leftovers: leftovers([...(state.leftovers ?? []), ...others.filter((each) => !deployments.includes(each))], []),
    pendingReports: queueReports(state, reports(ending, back, now)),
  }
  const deployed: DeploymentFact = {
    type: 'Endpoint Deployed',
    detail: { ...detailOf(ending, candidate.version, ports), config: candidate.config, took: now - since },
  }
  const facts = back === undefined ? [deployed] : [rolledBack(ending, back, candidate, ports), deployed]
  return { state: serializeState(next), facts }
}

/** The ones to keep: those that served last, and what an operator goes back to, however old it is. */
function ready(others: readonly Deployment[], to: string | undefined, keep: number): Deployment[] {
  const wanted = others.toSorted((a, b) => Number(b.config === to) - Number(a.config === to)).slice(0, keep)
  return others.filter((each) => wanted.includes(each))
}

/** What an operator went back from, and why, if that is what this was. */
function takenBack({ candidate, state: { held, deployments } }: Ending): (Deployment & { reason: string }) | undefined {
  const [before] = deployments
  if (!candidate.restore || held?.to !== candidate.config || before === undefined || before.config === candidate.config)
    return undefined
  return { ...before, reason: `an operator went back to version ${candidate.version}` }
}

function reports(
  { candidate: { config, version, registered }, state: { deployments, failed } }: Ending,
  back: ReturnType<typeof takenBack>,
  at: number,
): Report[] {
  const serves: Report = { registered, version, progress: 'deployed', config, at }
  const [before] = deployments
  if (before === undefined || (before.version === version && before.registered === registered)) return [serves]
  // It was told already why it does not serve any more.
  if (back === undefined && before.config === failed?.config) return [serves]
  const about = { registered: before.registered, version: before.version, config: before.config, at }
  return [
    back === undefined
      ? { ...about, progress: 'replaced' }
      : { ...about, progress: 'rolled-back', reason: back.reason },
    serves,
  ]
}

/**
 * A version that failed is left alone until the registry says something else. A deployment that could not be gone back to is
 * tried again after a while, the others before it.
 */
async function failed(ending: Ending, whole: string, ports: DeploymentPorts): Promise<Ended> {
  const { model, candidate, state } = ending
  const { config, version, restore } = candidate
  const at = ports.now()
  const serving = await ports.sagemaker.endpoint(model.endpoint.name)
  const isStuck =
    !restore && state.deployments.length === 0 && serving?.config === config && serving.status !== 'Failed'
  const reason = `${reasonText(whole)}${isStuck ? '; there is nothing to go back to, and it serves on' : ''}`
  const { candidate: _over, plan: _done, ...rest } = state
  // One that worked once may not any more: the others are gone back to first.
  const deployments = rest.deployments.map((each) => (each.config === config ? { ...each, failedAt: at } : each))
  const after: DeploymentState = { ...rest, deployments, ...(!restore && { failed: { config, version, reason, at } }) }
  const next: DeploymentState = {
    ...after,
    // SageMaker took back what it was given, and autoscaling may have been ended for it.
    ...(candidate.capacity !== '' && { scalingPending: true }),
    leftovers: leftovers([...(state.leftovers ?? []), candidate], []),
    pendingReports: queueReports(state, reportOfFailure(ending, reason, at)),
  }
  const now = serving === undefined ? undefined : servingOf(serving.config, ending)
  return {
    final: true,
    state: serializeState(next),
    facts: [rolledBack(ending, { config, version, reason }, now, ports)],
  }
}

/** Of a version that serves already, what failed is what lake.yml made of it now: the version itself serves on. */
function reportOfFailure({ candidate, state }: Ending, reason: string, at: number): Report[] {
  const { config, version, registered, restore } = candidate
  const [serves] = state.deployments
  if (restore) return []
  const isAnother = serves?.version !== version || serves.registered !== registered
  if (serves === undefined || isAnother || serves.config === config)
    return [{ registered, version, progress: 'rolled-back', config, reason, at }]
  const text = `as before: what lake.yml says now did not work out: ${reason}`
  return [{ registered, version, progress: 'deployed', config: serves.config, reason: text, at }]
}

function servingOf(config: string, { candidate, state }: Ending): { config: string; version?: string } {
  const known = [candidate, ...state.deployments].find((each) => each.config === config)
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
): DeploymentFact {
  const now = serving === undefined ? {} : { serving: { config: serving.config, version: serving.version } }
  return { type: 'Endpoint Rolled Back', detail: { ...detailOf(ending, version, ports), config, reason, ...now } }
}
