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
 * Carries out the plan recorded in the cursor's state. It decides nothing: if the plan no longer holds, it does nothing, and the
 * reaction decides again. What an earlier attempt made is found by its name and reused.
 *
 * `observed` is what the plan was just made from. It is absent when an older claim is taken over: then the plan may be hours
 * old, and is checked against a new observation first.
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
  if (candidate === undefined)
    throw new Error(`the plan of ${cursor.subject} is ${plan}, and its state has no candidate`)
  const updateWith = (endpoint: Endpoint | undefined): EndpointUpdate => ({
    model,
    candidate,
    state,
    endpoint,
    async observeAgain() {
      const found = (await stillClaimed()) ? await observeAgain() : undefined
      return found && updateWith(found.endpoint)
    },
  })
  return carryOut(updateWith(endpoint), ports)
}

async function cleanUp(
  due: Pick<ObservedEndpoint, 'model' | 'state' | 'endpoint'>,
  ports: DeploymentPorts,
): Promise<Started> {
  await runCleanup(due, ports)
  return { kind: 'done', state: serializeState(afterCleanup(due)) }
}

async function carryOut(update: EndpointUpdate, ports: DeploymentPorts): Promise<Started> {
  const { candidate, endpoint } = update
  if (endpoint !== undefined && isMovingTo(endpoint, candidate.config)) return takeOver(update, ports)
  if (endpoint !== undefined && isBusy(endpoint)) return later(ports)
  try {
    await checkOwner(update, ports)
    return await (candidate.restore ? restore(update, ports) : deploy(update, ports))
  } catch (error) {
    // Nothing can be restored on an endpoint that belongs to somebody else.
    if (!(error instanceof Refused) || (candidate.restore && error.code === TAKEN)) throw error
    // Another deployment may be restored instead.
    if (candidate.restore) return { kind: 'failed', reason: error.message }
    const answer = await refuse(update, error, ports)
    // A wake-up that came in the meantime was left to this run, and nothing is observed after a refusal.
    return (await update.observeAgain()) === undefined ? { kind: 'nothing' } : answer
  }
}

/**
 * Tags the refused version, and does the clean-up that is due for what serves, which would otherwise wait for a deployment that
 * may never come. If that fails, the refusal says so too, and the next attempt tries again.
 */
async function refuse(
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
    const failure = cause instanceof Error ? cause.message : String(cause)
    const both = `${reason}; the clean-up failed too: ${failure}`
    const state = serializeState(due.state)
    return { kind: 'refused', refusal: new Refused(code, both, detail, { cause: refusal }), state }
  }
}

/** The version is tagged once, although each sweep is refused for the same reason. */
function withRefusal(state: DeploymentState, candidate: Candidate, reason: string, at: number): DeploymentState {
  const { registered, version, config } = candidate
  const report = { registered, version, progress: 'refused', config, reason, at } as const
  const reports = candidate.refused === reason ? [] : [report]
  return { ...state, candidate: { ...candidate, refused: reason }, pendingReports: queueReports(state, reports) }
}
