import * as z from 'zod/mini'
import type { Databricks } from './ports.ts'
import { runStatus } from './run-status.ts'
import { Refused } from '../core/refused.ts'
import type { Secrets } from '../core/secrets.ts'
import type { EpochMs, Milliseconds } from '../core/time.ts'
import { authorized, failureOf, redirectAdvice, secureAddress } from '../http/authorized.ts'
import { tokenCredentials } from './token.ts'
import { type HttpAnswer, type HttpClient, Unavailable } from '../http/http.ts'
import { cachedSecrets } from '../core/cached-secrets.ts'

export interface DatabricksOptions {
  /** Address of the workspace: https, or http on this machine. */
  readonly host: string
  /** Name of the secret that holds the credentials. */
  readonly secret: string
  readonly secrets: Secrets
  readonly http: HttpClient
  readonly now: () => EpochMs
  /** How long a rotated secret may go unnoticed while the old one still works. Default: 5 minutes. */
  readonly secretAge?: Milliseconds
}

/** The HTTP client hands on ids that a double cannot hold as text. */
const id = z.pipe(z.union([z.number(), z.string()]), z.transform(String))
const text = z.optional(z.string())
const started = z.object({ run_id: id })
const fields = z.object({
  run_id: id,
  status: z.optional(
    z.object({
      state: text,
      termination_details: z.optional(z.object({ code: text, type: text, message: text })),
    }),
  ),
  state: z.optional(z.object({ life_cycle_state: text, result_state: text, state_message: text })),
  end_time: z.optional(z.number()),
})

/**
 * A Databricks workspace over its Jobs API 2.2. Node verifies TLS, and there is no option to turn that off.
 *
 * @throws {Refused} `insecure-host` for an address that would send credentials in the clear
 */
export function databricks(options: DatabricksOptions): Databricks {
  const host = secureAddress(options.host, 'databricks.host').origin
  const secrets = cachedSecrets(options.secrets, options.now, options.secretAge ?? 300_000)
  const { http, secret, now } = options
  const credentials = tokenCredentials({ host, secret, secrets, http, now })
  const call = async <Answer>(
    subject: string,
    path: string,
    schema: z.ZodMiniType<Answer>,
    body?: object,
  ): Promise<Answer> => {
    const answer = await authorized(http, credentials, `${host}${path}`, body === undefined ? 'GET' : 'POST', body)
    if (answer.status !== 200) throw failed(host, subject, answer)
    const parsed = schema.safeParse(answer.body)
    if (parsed.success) return parsed.data
    throw new Error(
      `${host}${path.split('?')[0]} answered 200, but not as Jobs API 2.2 does: ${z.prettifyError(parsed.error)}`,
    )
  }
  return {
    async runNow({ jobId, token, parameters }) {
      const { run_id } = await call(`job ${jobId}`, '/api/2.2/jobs/run-now', started, {
        job_id: jobId,
        idempotency_token: token,
        job_parameters: parameters,
        queue: { enabled: true },
      })
      return { runId: run_id }
    },

    async run(runId) {
      const path = `/api/2.2/jobs/runs/get?run_id=${encodeURIComponent(runId)}`
      return runStatus(await call(`run ${runId}`, path, fields))
    },
  }
}

/** Errors that are temporary, whatever their status. */
const TEMPORARY = new Set([
  'TEMPORARILY_UNAVAILABLE',
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_CONFLICT',
  'ABORTED',
  'DEADLINE_EXCEEDED',
])

function failed(host: string, subject: string, { status, body, location }: HttpAnswer): Error {
  const { code: error_code = String(status), message: text } = failureOf(body)
  const found = [error_code, text.slice(0, 500), location ?? ''].filter((each) => each !== '').join(': ')
  const message = `Databricks refused ${subject}: ${found}`
  if (status === 408 || status === 409 || TEMPORARY.has(error_code)) return new Unavailable(message)
  if (location !== undefined) {
    const advice = redirectAdvice(host, location, 'databricks.host')
    return new Refused('databricks-refused', message, { subject, found, advice })
  }
  const missing = error_code === 'RESOURCE_DOES_NOT_EXIST' || / (does not|doesn't) exist/.test(text)
  const { code, advice } = missing ? missingAdvice(subject) : adviceOn(status, error_code)
  return new Refused(code, message, { subject, found, advice })
}

/** A missing job or run also comes as INVALID_PARAMETER_VALUE (Databricks' SDKs map `Job … does not exist`). */
function missingAdvice(subject: string): { readonly code: string; readonly advice: string } {
  return subject.startsWith('run')
    ? { code: 'no-such-run', advice: 'Databricks keeps runs for 60 days. Start the job again.' }
    : { code: 'no-such-job', advice: "Correct the job's id in lake.yml (databricks.jobs), or create the job again." }
}

function adviceOn(status: number, errorCode: string): { readonly code: string; readonly advice: string } {
  if (errorCode === 'PERMISSION_DENIED' || status === 403)
    return { code: 'permission-denied', advice: 'Give the service principal CAN_MANAGE_RUN on the job.' }
  if (errorCode === 'INVALID_PARAMETER_VALUE' || errorCode === 'MALFORMED_REQUEST')
    return {
      code: 'invalid-parameters',
      advice: 'Declare in the job every parameter that Landfall sends: docs/reactions/job.md.',
    }
  return {
    code: 'databricks-refused',
    advice: 'Check databricks.host in lake.yml. It is the address of the workspace, as in the browser.',
  }
}
