import type { Cursor } from '../../src/core/ledger.ts'
import type { EpochMs } from '../../src/core/time.ts'
import type { Model } from '../../src/reactions/deployment/settings.ts'
import { endpointSubject } from '../../src/lake/subjects.ts'
import { type DeploymentState, parseState } from '../../src/reactions/deployment/state.ts'
import { age, counted } from '../text.ts'

/** What an endpoint serves and why, by the state of its deployments. Times are ISO 8601. */
export interface EndpointStatus {
  readonly endpoint: string
  /** The model's name in the registry. */
  readonly model: string
  /** Null before the first successful deployment. */
  readonly serves: { readonly version: string; readonly config: string; readonly since: string } | null
  /** The deployment in progress. `restore`: it goes back to a version that served before. */
  readonly underway: {
    readonly version: string
    readonly config: string
    readonly since: string
    readonly restore: boolean
    /** Above 1 after transient failures. */
    readonly attempt: number
    /** False: SageMaker has not started it. It waits for an image, for another update, or for the next try. */
    readonly started: boolean
  } | null
  /** The promoted version, where its deployment failed. */
  readonly failed: { readonly version: string; readonly reason: string; readonly at: string } | null
  /** An operator went back to this version, and the endpoint stays there. */
  readonly held: { readonly version: string | null; readonly since: string } | null
  /** The versions that a rollback can go back to at once, the one that served last first. */
  readonly kept: readonly string[]
}

const iso = (ms: EpochMs): string => new Date(ms).toISOString()

export function endpointStatus({ registered, endpoint }: Model, cursor: Cursor): EndpointStatus {
  const { deployments, candidate, failed, held }: DeploymentState = parseState(cursor.state)
  const [serving, ...earlier] = deployments
  const heldAt = deployments.find(({ config }) => config === held?.to)
  return {
    endpoint: endpoint.name,
    model: registered,
    serves: serving === undefined ? null : { version: serving.version, config: serving.config, since: iso(serving.at) },
    underway: underwayOf(cursor, candidate),
    failed: failed === undefined ? null : { version: failed.version, reason: failed.reason, at: iso(failed.at) },
    held: held === undefined ? null : { version: heldAt?.version ?? null, since: iso(held.at) },
    kept: earlier.map(({ version }) => version),
  }
}

function underwayOf({ run }: Cursor, candidate: DeploymentState['candidate']): EndpointStatus['underway'] {
  if (run === undefined || candidate === undefined) return null
  const { version, config, since, restore } = candidate
  return { version, config, since: iso(since), restore, attempt: run.attempt, started: run.externalId !== undefined }
}

/** The notes below the tables: what is in progress, failed or held at one endpoint. */
export function endpointNotes(
  { endpoint, underway, failed, held, serves }: EndpointStatus,
  stage: string,
  now: EpochMs,
): string[] {
  const ago = (at: string) => `${age(now - Date.parse(at))} ago`
  const subject = endpointSubject(endpoint)
  const undo = `landfall rollback ${endpoint} --undo --stage ${stage}`
  const lines: string[] = []
  if (underway !== null) {
    const { restore, version, since, attempt, started } = underway
    const what = `${restore ? 'going back to' : 'deploying'} version ${version}, decided ${ago(since)}`
    const failures = attempt > 1 ? `, after ${counted(attempt - 1, 'failure')}` : ''
    lines.push('', `${subject}: ${what}${failures}${started ? '' : '; not started in SageMaker yet'}`)
  }
  if (failed !== null)
    lines.push(
      '',
      `${subject}: version ${failed.version} failed ${ago(failed.at)}; ${afterFailure(underway, serves)}`,
      `  ${failed.reason}`,
      '  Promote another version, or retry this one:',
      `    ${undo}`,
    )
  if (held !== null)
    lines.push(
      '',
      `${subject}: held at ${held.version === null ? 'a version that is no longer kept' : `version ${held.version}`} for ${age(now - Date.parse(held.since))}`,
      '  It stays there until another version is promoted. To release it now:',
      `    ${undo}`,
    )
  return lines
}

/** A version that failed its smoke test may serve until the previous one is restored. */
function afterFailure(underway: EndpointStatus['underway'], serves: EndpointStatus['serves']): string {
  if (underway?.restore === true) return `going back to version ${underway.version}`
  return serves === null ? 'no version has been deployed successfully yet' : `version ${serves.version} is serving`
}
