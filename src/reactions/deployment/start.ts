import { reasonText, Refused } from '../../core/refused.ts'
import type { Cursor } from '../../core/ledger.ts'
import type { Claim, Started } from '../../core/reaction.ts'
import { runCleanup } from './run-cleanup.ts'
import { afterCleanup } from './cleanup.ts'
import { isStillPlanned } from './decide.ts'
import type { EndpointUpdate } from './endpoint-update.ts'
import { observe } from './observe.ts'
import { checkOwner, TAKEN } from './ownership.ts'
import type { DeploymentPorts, Endpoint } from './ports.ts'
import { modelOf } from './claimed.ts'
import { deploy, later, restore, takeOver } from './deploy.ts'
import { type DeploymentState, parseState, type Candidate, queueReports, serializeState } from './state.ts'
import { isBusy, isMovingTo, type ObservedEndpoint } from './target.ts'

/**
 * Carries out the plan that the cursor's state carries. Nothing is decided here: a plan that does not hold any more is not carried
 * out, and the next step decides anew. Whatever was begun before, by whoever, is found by its name and used.
 *
 * What was observed a moment ago is not observed again. A plan that is taken over may be hours old, so that it is checked first.
 */
export async function start(
  cursor: Cursor,
  { observed, stillClaimed }: Claim<ObservedEndpoint>,
  ports: DeploymentPorts,
): Promise<Started> {
  const model = modelOf(cursor, ports)
  const state = parseState(cursor.state)
  const { plan, candidate } = state
  const observeAgain = async () => {
    const found = await observe(model, cursor, ports)
    return isStillPlanned(found, ports.now()) ? found : undefined
  }
  const current = observed ?? (await observeAgain())
  if (current === undefined) return { kind: 'nothing' }
  const { endpoint } = current
  if (plan === 'clean-up') return cleanUp({ model, state, endpoint }, ports)
  if (candidate === undefined) throw new Error(`${cursor.subject} is to be deployed, and its state does not say what`)
  const deployingWith = (endpoint: Endpoint | undefined): EndpointUpdate => ({
    model,
    candidate,
    state,
    endpoint,
    async observeAgain() {
      const found = (await stillClaimed()) ? await observeAgain() : undefined
      return found && deployingWith(found.endpoint)
    },
  })
  return begin(deployingWith(endpoint), ports)
}

async function cleanUp(
  due: Pick<ObservedEndpoint, 'model' | 'state' | 'endpoint'>,
  ports: DeploymentPorts,
): Promise<Started> {
  await runCleanup(due, ports)
  return { kind: 'done', state: serializeState(afterCleanup(due)) }
}

async function begin(deploying: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const { candidate, endpoint } = deploying
  if (endpoint !== undefined && isMovingTo(endpoint, candidate.config)) return takeOver(deploying, ports)
  if (endpoint !== undefined && isBusy(endpoint)) return later(ports)
  try {
    await checkOwner(deploying, ports)
    return await (candidate.restore ? restore(deploying, ports) : deploy(deploying, ports))
  } catch (error) {
    // Of an endpoint that is somebody else's, nothing can be gone back to.
    if (!(error instanceof Refused) || (candidate.restore && error.code === TAKEN)) throw error
    // There may be another one.
    if (candidate.restore) return { kind: 'failed', reason: error.message }
    const answer = await refused(deploying, error, ports)
    // Whoever looked meanwhile left it to this run, and nobody looks again after a refusal.
    return (await deploying.observeAgain()) === undefined ? { kind: 'nothing' } : answer
  }
}

/**
 * Whoever promoted it is told, and what serves gets what it is due: it waits for nothing that may never come. Where that fails,
 * it is tried again whenever the refusal is met again, and the operator learns of it.
 */
async function refused(
  { model, candidate, state, endpoint }: EndpointUpdate,
  refusal: Refused,
  ports: DeploymentPorts,
): Promise<Started> {
  const { code, message, detail } = refusal
  const reason = reasonText(message)
  const due = { model, state: withRefusal(state, candidate, reason, ports.now()), endpoint }
  try {
    await runCleanup(due, ports)
    return { kind: 'refused', refusal, state: serializeState(afterCleanup(due)) }
  } catch (cause) {
    const undone = cause instanceof Error ? cause.message : String(cause)
    const both = `${reason}; nor could be done what else is due: ${undone}`
    const state = serializeState(due.state)
    return { kind: 'refused', refusal: new Refused(code, both, detail, { cause: refusal }), state }
  }
}

/** Its version is told once: each sweep meets the same refusal again. */
function withRefusal(state: DeploymentState, candidate: Candidate, reason: string, at: number): DeploymentState {
  const { registered, version, config } = candidate
  const report = { registered, version, progress: 'refused', config, reason, at } as const
  const reports = candidate.refused === reason ? [] : [report]
  return { ...state, candidate: { ...candidate, refused: reason }, pendingReports: queueReports(state, reports) }
}
