import type { Cursor, CursorKey, Ledger } from '../../src/core/ledger.ts'
import type { EpochMs, Milliseconds } from '../../src/core/time.ts'
import {
  type Deployment,
  type DeploymentState,
  parseState,
  serializeState,
} from '../../src/reactions/deployment/state.ts'
import type { Waiting } from '../progress.ts'
import { list } from '../text.ts'

/**
 * - `changed`: write `state`.
 * - `unchanged`: nothing to write; `state` is the current one.
 * - `problem`: it cannot be done.
 */
export type StateChange =
  | { readonly kind: 'problem'; readonly problem: string; readonly advice?: string }
  | {
      readonly kind: 'changed' | 'unchanged'
      readonly state: DeploymentState
      readonly from?: Configuration
      readonly to?: Configuration
    }

type Configuration = Pick<Deployment, 'config' | 'version'>

export interface RollbackRequest {
  /** A kept deployment, by model version or name of its configuration; absent: the one before. */
  readonly to?: string
  /** The promoted version, and the configuration it would be deployed as; absent where no version is promoted. */
  readonly promoted?: Configuration | 'unknown'
  readonly now: EpochMs
}

/**
 * Decides which deployment an endpoint goes back to. It stays there until another version than now is promoted. A second
 * request changes nothing while the first is in progress; after that, it goes back one more.
 */
export function rollBack(
  state: DeploymentState,
  isRunning: boolean,
  { to: asked, promoted, now }: RollbackRequest,
): StateChange {
  const { deployments, candidate, held } = state
  const from = isRunning && candidate !== undefined ? candidate : deployments[0]
  if (from === undefined) return { kind: 'problem', problem: 'no successful deployment yet; nothing to go back to' }
  const holding = deployments.find(({ config }) => config === held?.to)
  const isInProgress = holding !== undefined && (isRunning || deployments[0] !== holding)
  if (isInProgress && (asked === undefined || matches(holding, asked)))
    return { kind: 'unchanged', state, from, to: holding }
  const to =
    asked === undefined ? before(from, deployments) : newest(deployments.filter((each) => matches(each, asked)))
  if (to === undefined) return { kind: 'problem', ...missing(asked, from, deployments) }
  const against = promotedNow(state, promoted)
  const next =
    to.config === against?.config
      ? withoutHold(state)
      : { ...state, held: { to: to.config, at: now, heldAgainst: against?.version } }
  return { kind: 'changed', state: next, from, to }
}

/** Releases a hold and clears a failure, so that the promoted version is deployed again. */
export function undo(state: DeploymentState): StateChange {
  const { deployments, held, failed } = state
  const [from] = deployments
  const to = failed ?? deployments.find(({ version }) => version === held?.heldAgainst)
  const kind = held === undefined && failed === undefined ? 'unchanged' : 'changed'
  return { kind, state: withoutHold(state), from, to }
}

function withoutHold({ held: _held, failed: _failed, ...rest }: DeploymentState): DeploymentState {
  return rest
}

const matches = ({ version, config }: Configuration, asked: string): boolean => version === asked || config === asked

/** By number, which rises with promotions: going back twice does not return to the start. */
function before(from: Pick<Deployment, 'number'>, deployments: readonly Deployment[]): Deployment | undefined {
  return newest(deployments.filter(({ number }) => number < from.number))
}

function newest(deployments: readonly Deployment[]): Deployment | undefined {
  return deployments.toSorted((a, b) => b.number - a.number)[0]
}

function missing(asked: string | undefined, from: Configuration, deployments: readonly Deployment[]) {
  const kept = `(kept: ${list(deployments.map(({ version }) => version))})`
  return {
    problem: `${asked === undefined ? `no version before ${from.version} is` : `version ${asked} is not`} kept ${kept}`,
    advice: 'Promote an older version in the registry to deploy it again.',
  }
}

/**
 * The configuration of the promoted version. A changed lake.yml makes several of one version; the latest counts. Where the
 * promoted version is unknown, it is the last one that was requested.
 */
function promotedNow(
  { deployments, candidate, failed, held }: DeploymentState,
  promoted: RollbackRequest['promoted'],
): Configuration | undefined {
  if (promoted === undefined) return undefined
  if (promoted === 'unknown' && held !== undefined)
    return held.heldAgainst === undefined ? undefined : { config: '', version: held.heldAgainst }
  const tried = [
    ...(candidate === undefined || candidate.restore ? [] : [{ ...candidate, at: candidate.since }]),
    ...(failed === undefined ? [] : [failed]),
    ...(promoted === 'unknown' ? deployments.slice(0, 1) : deployments),
  ].filter(({ version }) => promoted === 'unknown' || version === promoted.version)
  return tried.toSorted((a, b) => b.at - a.at)[0] ?? (promoted === 'unknown' ? undefined : promoted)
}

interface Updated {
  readonly change: StateChange
  /** The cursor after the change. */
  readonly cursor: Cursor
}

/**
 * Writes what `decide` makes of an endpoint's state; retries a conflicting write. A refusal is cleared. A run without an
 * external id is dropped, since its target is obsolete; if it is starting just now, it notices that itself.
 */
export async function updateState(
  key: CursorKey,
  ledger: Ledger,
  decide: (state: DeploymentState, isRunning: boolean) => StateChange,
): Promise<Updated> {
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
 * - `served`: the requested version is in service.
 * - `late`: it was not in time.
 * - `failed`: the deployment failed or was refused.
 */
export type Followed = { readonly kind: 'served' | 'late' } | { readonly kind: 'failed'; readonly reason: string }

/** Polls until the configuration `to` is in service, or `end` has passed. */
export async function follow(
  key: CursorKey,
  to: string,
  ledger: Ledger,
  end: EpochMs,
  { now, sleep, progress }: Waiting,
): Promise<Followed> {
  const started = now()
  for (;;) {
    const { state, run, refusal } = await ledger.cursor(key)
    const { deployments, candidate, failed } = parseState(state)
    if (run === undefined && deployments[0]?.config === to) return { kind: 'served' }
    if (refusal !== undefined) return { kind: 'failed', reason: refusal.reason }
    if (failed?.config === to && failed.at >= started) return { kind: 'failed', reason: failed.reason }
    const restored = deployments.find(({ config }) => config === to)
    if ((restored?.failedAt ?? 0) >= started)
      return { kind: 'failed', reason: `SageMaker could not put ${to} into service` }
    if (now() >= end) return { kind: 'late' }
    progress(
      run === undefined || candidate === undefined ? 'not started yet' : `deploying version ${candidate.version}`,
    )
    await sleep(POLL_EVERY)
  }
}

const POLL_EVERY: Milliseconds = 2_000
