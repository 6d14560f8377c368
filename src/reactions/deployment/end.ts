import type { DeploymentFact } from './facts.ts'
import { reasonText } from '../../core/refused.ts'
import type { Model } from './settings.ts'
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

/** Records the end of a deployment. Its alarms are removed at once; everything else is left to the clean-up. */
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
  const deployments = [{ ...about, at: now }, ...kept(others, state.held?.to, model.endpoint.keep)]
  const { failed: known, held } = state
  // Both end with a promotion that works. A restore keeps them, and so does a version that an operator went back from.
  const isHeld = restore || held?.heldAgainst === candidate.version
  const left = leftByOperator(ending)
  const next: DeploymentState = {
    deployments,
    failed: restore ? known : undefined,
    held: isHeld ? held : undefined,
    scalingPending: candidate.capacity === '' ? undefined : true,
    leftovers: leftovers([...(state.leftovers ?? []), ...others.filter((each) => !deployments.includes(each))], []),
    pendingReports: queueReports(state, reports(ending, left, now)),
  }
  const deployed: DeploymentFact = {
    type: 'Endpoint Deployed',
    detail: { ...detailOf(ending, candidate.version, ports), config: candidate.config, took: now - since },
  }
  const facts = left === undefined ? [deployed] : [rolledBack(ending, left, candidate, ports), deployed]
  return { state: serializeState(next), facts }
}

/** The deployments to keep: the last ones that served, and the one that an operator holds, however old it is. */
function kept(others: readonly Deployment[], to: string | undefined, keep: number): Deployment[] {
  const wanted = others.toSorted((a, b) => Number(b.config === to) - Number(a.config === to)).slice(0, keep)
  return others.filter((each) => wanted.includes(each))
}

/** The deployment that an operator went back from, if this was a rollback by hand. */
function leftByOperator({
  candidate,
  state: { held, deployments },
}: Ending): (Deployment & { reason: string }) | undefined {
  const [before] = deployments
  if (!candidate.restore || held?.to !== candidate.config || before === undefined || before.config === candidate.config)
    return undefined
  return { ...before, reason: `an operator went back to version ${candidate.version}` }
}

function reports(
  { candidate: { config, version, registered }, state: { deployments, failed } }: Ending,
  left: ReturnType<typeof leftByOperator>,
  at: number,
): Report[] {
  const serving: Report = { registered, version, progress: 'deployed', config, at }
  const [before] = deployments
  if (before === undefined || (before.version === version && before.registered === registered)) return [serving]
  // Its tags already say why it does not serve any more.
  if (left === undefined && before.config === failed?.config) return [serving]
  const about = { registered: before.registered, version: before.version, config: before.config, at }
  return [
    left === undefined
      ? { ...about, progress: 'replaced' }
      : { ...about, progress: 'rolled-back', reason: left.reason },
    serving,
  ]
}

/**
 * A version that failed is not tried again until the registry asks for something else. A restore that failed is tried again
 * after a pause, after the other deployments.
 */
async function failed(ending: Ending, message: string, ports: DeploymentPorts): Promise<Ended> {
  const { model, candidate, state } = ending
  const { config, version, restore } = candidate
  const at = ports.now()
  const serving = await ports.sagemaker.endpoint(model.endpoint.name)
  const isStuck =
    !restore && state.deployments.length === 0 && serving?.config === config && serving.status !== 'Failed'
  const reason = `${reasonText(message)}${isStuck ? '; it keeps serving, as there is no deployment to restore' : ''}`
  const { candidate: _over, plan: _done, ...rest } = state
  // A deployment that worked before and failed now is restored last.
  const deployments = rest.deployments.map((each) => (each.config === config ? { ...each, failedAt: at } : each))
  const after: DeploymentState = { ...rest, deployments, ...(!restore && { failed: { config, version, reason, at } }) }
  const next: DeploymentState = {
    ...after,
    // Autoscaling may have been removed for the update that SageMaker rolled back.
    scalingPending: candidate.capacity === '' ? after.scalingPending : true,
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

/** If the version serves already, only a change of lake.yml failed: the version stays `deployed`. */
function reportOfFailure({ candidate, state }: Ending, reason: string, at: number): Report[] {
  const { config, version, registered, restore } = candidate
  const [serves] = state.deployments
  if (restore) return []
  const isAnother = serves?.version !== version || serves.registered !== registered
  if (serves === undefined || isAnother || serves.config === config)
    return [{ registered, version, progress: 'rolled-back', config, reason, at }]
  const text = `in its previous configuration: the change of lake.yml failed: ${reason}`
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
  const now = serving && { config: serving.config, version: serving.version }
  return { type: 'Endpoint Rolled Back', detail: { ...detailOf(ending, version, ports), config, reason, serving: now } }
}
