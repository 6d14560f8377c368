import type { Lake, Model } from '../../src/lake/lake.ts'
import type { Cursor } from '../../src/core/ledger.ts'
import { type DeploymentState, parseState } from '../../src/reactions/deployment/state.ts'
import { endpointSubject, subjectModel } from '../../src/lake/subjects.ts'
import { UsageError } from '../command.ts'
import { age, counted } from '../text.ts'

/** What an endpoint serves and why, as its deployments left it. Times are ISO 8601. */
export interface EndpointStatus {
  readonly endpoint: string
  /** The model's name in the registry. */
  readonly model: string
  /** Null before the first deployment has ended well. */
  readonly serves: { readonly version: string; readonly config: string; readonly since: string } | null
  /** What is on its way. `restore`: going back to one that served. */
  readonly underway: {
    readonly version: string
    readonly config: string
    readonly since: string
    readonly restore: boolean
    /** Above 1 after failures that pass. */
    readonly attempt: number
    /** SageMaker is at it; false: it waits for an image, for another update, or before it is tried again. */
    readonly started: boolean
  } | null
  /** What the registry says, and did not work. */
  readonly failed: { readonly version: string; readonly reason: string; readonly at: string } | null
  /** An operator went back to this version, and holds it. */
  readonly held: { readonly version: string | null; readonly since: string } | null
  /** The versions that a rollback can go back to at once, the one that served last first. */
  readonly kept: readonly string[]
}

const iso = (ms: number): string => new Date(ms).toISOString()

export function endpointStatus({ registered, endpoint }: Model, cursor: Cursor): EndpointStatus {
  const { deployments, pending, failed, held }: DeploymentState = parseState(cursor.state)
  const [serving, ...earlier] = deployments
  const heldAt = deployments.find(({ config }) => config === held?.to)
  return {
    endpoint: endpoint.name,
    model: registered,
    serves: serving === undefined ? null : { version: serving.version, config: serving.config, since: iso(serving.at) },
    underway: underwayOf(cursor, pending),
    failed: failed === undefined ? null : { version: failed.version, reason: failed.reason, at: iso(failed.at) },
    held: held === undefined ? null : { version: heldAt?.version ?? null, since: iso(held.at) },
    kept: earlier.map(({ version }) => version),
  }
}

function underwayOf({ run }: Cursor, pending: DeploymentState['pending']): EndpointStatus['underway'] {
  if (run === undefined || pending === undefined) return null
  const { version, config, since, restore } = pending
  return { version, config, since: iso(since), restore, attempt: run.attempt, started: run.externalId !== undefined }
}

/** What a person takes for the version of a subject: a table's, or that of the model which an endpoint serves. */
export function versionOf({ reaction, version, state }: Cursor): number | string | null {
  if (reaction === 'deployment') return parseState(state).deployments[0]?.version ?? null
  return version < 0 ? null : version
}

/** What an operator is told of an endpoint beyond what it serves. `now` in ms since the epoch. */
export function endpointNotes(
  { endpoint, underway, failed, held, serves }: EndpointStatus,
  stage: string,
  now: number,
): string[] {
  const ago = (at: string) => `${age(now - Date.parse(at))} ago`
  const subject = endpointSubject(endpoint)
  const undo = `landfall rollback ${endpoint} --undo --stage ${stage}`
  const lines: string[] = []
  if (underway !== null) {
    const { restore, version, since, attempt, started } = underway
    const what = `${restore ? 'goes back to' : 'takes'} version ${version}, begun ${ago(since)}`
    const failures = attempt > 1 ? `, after ${counted(attempt - 1, 'failure')}` : ''
    lines.push('', `${subject}: ${what}${failures}${started ? '' : '; SageMaker is not at it yet'}`)
  }
  if (failed !== null)
    lines.push(
      '',
      `${subject}: version ${failed.version} failed ${ago(failed.at)}; ${afterFailure(underway, serves)}`,
      `  ${failed.reason}`,
      '  Promote another version, or have this one tried again:',
      `    ${undo}`,
    )
  if (held !== null)
    lines.push(
      '',
      `${subject}: held at ${held.version === null ? 'a version that is gone' : `version ${held.version}`} for ${age(now - Date.parse(held.since))}`,
      '  Until another version is promoted. To let go of it:',
      `    ${undo}`,
    )
  return lines
}

/** A version that failed its smoke test may serve until the one before does again. */
function afterFailure(underway: EndpointStatus['underway'], serves: EndpointStatus['serves']): string {
  if (underway?.restore === true) return `it goes back to version ${underway.version}`
  return serves === null ? 'none has worked before' : `version ${serves.version} serves`
}

/**
 * The model whose endpoint an operator means by `delay` or `endpoint/delay`.
 * @throws {UsageError} naming those there are
 */
export function modelOf(lake: Lake, given: string): Model {
  const model = subjectModel(given, lake.models) ?? subjectModel(endpointSubject(given), lake.models)
  if (model !== undefined) return model
  const known = Object.values(lake.models).map(({ endpoint }) => endpoint.name)
  throw new UsageError(
    `the lake ${lake.name} has no endpoint '${given}'; it has ${known.length === 0 ? 'none' : known.join(', ')}`,
  )
}
