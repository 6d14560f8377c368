import type { Cursor, CursorKey, Ledger } from '../../src/core/ledger.ts'
import {
  type Deployment,
  type DeploymentState,
  parseState,
  serializeState,
} from '../../src/reactions/deployment/state.ts'
import { list } from '../deployed.ts'
import type { Waiting } from '../pausing.ts'

/**
 * - `changed`: `state` is to be written.
 * - `unchanged`: it is so already; `state` is as it was.
 * - `problem`: it cannot be done.
 */
export type Change =
  | { readonly kind: 'changed' | 'unchanged'; readonly state: DeploymentState; readonly from?: At; readonly to?: At }
  | { readonly kind: 'problem'; readonly problem: string }

type At = Pick<Deployment, 'config' | 'version'>

/** What an operator asks for. */
export interface Ask {
  /** One of those that are kept, by the model's version or the configuration's name; absent: the one before. */
  readonly to?: string
  /** What the registry's mark is on, and what that would be deployed as; absent where no version has it. */
  readonly promoted?: At | 'unknown'
  /** ms since the epoch. */
  readonly now: number
}

/**
 * Which deployment an endpoint goes back to, and over what: until the registry asks for something else than it does now, it
 * stays there. Asked again before it has got there, nothing changes; asked again after, it goes back further.
 */
export function rollBack(state: DeploymentState, isRunning: boolean, { to: asked, promoted, now }: Ask): Change {
  const { deployments, pending, held } = state
  const from = isRunning && pending !== undefined ? pending : deployments[0]
  if (from === undefined)
    return { kind: 'problem', problem: 'no deployment of it has ever ended well: there is nothing to go back to' }
  const holding = deployments.find(({ config }) => config === held?.to)
  const isOnTheWay = holding !== undefined && (isRunning || deployments[0] !== holding)
  if (isOnTheWay && (asked === undefined || isIt(holding, asked)))
    return { kind: 'unchanged', state, from, to: holding }
  const to = asked === undefined ? before(from, deployments) : newest(deployments.filter((each) => isIt(each, asked)))
  if (to === undefined) return { kind: 'problem', problem: missing(asked, from, deployments) }
  const over = overOf(state, promoted)
  const next =
    to.config === over?.config
      ? withoutHold(state)
      : { ...state, held: { to: to.config, at: now, ...(over && { heldAgainst: over.version }) } }
  return { kind: 'changed', state: next, from, to }
}

/** Lifts a hold, and forgets that what the registry says has failed, so that it is deployed again. */
export function undo(state: DeploymentState): Change {
  const { deployments, held, failed } = state
  const [from] = deployments
  const to = failed ?? deployments.find(({ version }) => version === held?.heldAgainst)
  const kind = held === undefined && failed === undefined ? 'unchanged' : 'changed'
  return { kind, state: withoutHold(state), ...(from && { from }), ...(to && { to }) }
}

function withoutHold({ held: _held, failed: _failed, ...rest }: DeploymentState): DeploymentState {
  return rest
}

const isIt = ({ version, config }: At, asked: string): boolean => version === asked || config === asked

/** Numbers rise with promotions, so that going back twice does not come round to where it began. */
function before(from: Pick<Deployment, 'number'>, deployments: readonly Deployment[]): Deployment | undefined {
  return newest(deployments.filter(({ number }) => number < from.number))
}

function newest(deployments: readonly Deployment[]): Deployment | undefined {
  return deployments.toSorted((a, b) => b.number - a.number)[0]
}

function missing(asked: string | undefined, from: At, deployments: readonly Deployment[]): string {
  const kept = list(deployments.map(({ version }) => version))
  if (asked === undefined) return `no deployment before version ${from.version} is kept; kept are the versions ${kept}`
  return `version ${asked} is not kept; kept are the versions ${kept}. To serve it, promote it in the registry`
}

/**
 * What the registry asks for: of the deployments of the promoted version the one that was decided last, since a changed
 * lake.yml makes another of the same version. Where nobody says what is promoted, it is what was asked for last.
 */
function overOf({ deployments, pending, failed, held }: DeploymentState, promoted: Ask['promoted']): At | undefined {
  if (promoted === undefined) return undefined
  if (promoted === 'unknown' && held !== undefined)
    return held.heldAgainst === undefined ? undefined : { config: '', version: held.heldAgainst }
  const tried = [
    ...(pending === undefined || pending.restore ? [] : [{ ...pending, at: pending.since }]),
    ...(failed === undefined ? [] : [failed]),
    ...(promoted === 'unknown' ? deployments.slice(0, 1) : deployments),
  ].filter(({ version }) => promoted === 'unknown' || version === promoted.version)
  return tried.toSorted((a, b) => b.at - a.at)[0] ?? (promoted === 'unknown' ? undefined : promoted)
}

export interface Changed {
  readonly change: Change
  /** The cursor as it was written, or found. */
  readonly cursor: Cursor
}

/**
 * Writes what `decide` makes of an endpoint's state. A refusal is lifted, and a run that is only claimed is let go of: what it
 * was for is not wanted any more, and one that is just starting finds that out by itself. A lost race is run again.
 */
export async function changeState(
  key: CursorKey,
  ledger: Ledger,
  decide: (state: DeploymentState, isRunning: boolean) => Change,
): Promise<Changed> {
  for (;;) {
    const cursor = await ledger.cursor(key)
    const change = decide(parseState(cursor.state), cursor.run !== undefined)
    if (change.kind === 'problem') return { change, cursor }
    const { run, refusal, ...rest } = cursor
    const isFree = refusal === undefined && (run === undefined || run.externalId !== undefined)
    if (change.kind === 'unchanged' && isFree) return { change, cursor }
    const kept = run?.externalId === undefined ? rest : { ...rest, run }
    const next = { ...kept, state: serializeState(change.state) }
    if ((await ledger.save(next)) === 'saved') return { change, cursor: next }
  }
}

/**
 * - `served`: it serves what was asked for.
 * - `late`: it did not within the time.
 * - `failed`: going there failed, or it was refused.
 */
export type Followed = { readonly kind: 'served' | 'late' } | { readonly kind: 'failed'; readonly reason: string }

/** Looks, until `to` is in service or `end` (ms since the epoch) is past. */
export async function follow(
  key: CursorKey,
  to: string,
  ledger: Ledger,
  end: number,
  { now, sleep, progress }: Waiting,
): Promise<Followed> {
  const began = now()
  for (;;) {
    const { state, run, refusal } = await ledger.cursor(key)
    const { deployments, pending, failed } = parseState(state)
    if (run === undefined && deployments[0]?.config === to) return { kind: 'served' }
    if (refusal !== undefined) return { kind: 'failed', reason: refusal.reason }
    if (failed?.config === to && failed.at >= began) return { kind: 'failed', reason: failed.reason }
    const restored = deployments.find(({ config }) => config === to)
    if ((restored?.failedAt ?? 0) >= began)
      return { kind: 'failed', reason: `SageMaker did not take ${to} into service` }
    if (now() >= end) return { kind: 'late' }
    progress(run === undefined || pending === undefined ? 'not begun yet' : `version ${pending.version} is on its way`)
    await sleep(LOOK_EVERY)
  }
}

/** In ms. */
const LOOK_EVERY = 2_000
