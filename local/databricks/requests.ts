import { z } from 'zod'
import { invalid } from './errors.ts'

/** Bytes of a run's parameters as JSON (Jobs API 2.2, `jobs/run-now`). */
const PARAMETERS_LIMIT = 10_000
const parameterName = z
  .string()
  .regex(/^[\w.-]+$/, 'only letters, digits, _, - and .')
  .max(100)
const id = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .pipe(z.int().positive())

const recipients = z
  .array(z.strictObject({ id: z.string() }))
  .max(3)
  .optional()

/**
 * A job of this workspace: one task that runs a Python file of this machine. Fields are checked as Databricks does. Fields that this
 * stand-in does not implement are refused and not ignored.
 */
export const jobSettings = z.strictObject({
  name: z.string().max(4096).default('Untitled'),
  tasks: z
    .array(
      z.strictObject({
        task_key: z.string().regex(/^[\w-]{1,100}$/),
        spark_python_task: z.strictObject({
          python_file: z.string().startsWith('/', 'an absolute path of this machine'),
          parameters: z.array(z.string()).default([]),
        }),
        timeout_seconds: z.int().nonnegative().default(0),
      }),
    )
    .length(1, 'exactly one task: this stand-in runs no task graphs'),
  parameters: z.array(z.strictObject({ name: parameterName, default: z.string() })).default([]),
  max_concurrent_runs: z.int().min(0).max(1000).default(1),
  queue: z.strictObject({ enabled: z.boolean() }).optional(),
  timeout_seconds: z.int().nonnegative().default(0),
  webhook_notifications: z
    .strictObject({ on_start: recipients, on_success: recipients, on_failure: recipients })
    .default({}),
  notification_settings: z
    .strictObject({
      no_alert_for_skipped_runs: z.boolean().default(false),
      no_alert_for_canceled_runs: z.boolean().default(false),
    })
    .default({ no_alert_for_skipped_runs: false, no_alert_for_canceled_runs: false }),
})
export type ApiJobSettings = z.infer<typeof jobSettings>
/** As given to `jobs/create`. */
export type NewJob = z.input<typeof jobSettings>

export const runNow = z.strictObject({
  job_id: id,
  idempotency_token: z.string().max(64, 'at most 64 characters').optional(),
  job_parameters: z.record(z.string(), z.string()).default({}),
  queue: z.strictObject({ enabled: z.boolean() }).optional(),
})
export type RunNowRequest = z.infer<typeof runNow>

export const newDestination = z.strictObject({
  display_name: z.string().min(1),
  config: z.strictObject({
    generic_webhook: z.strictObject({
      url: z.url().refine((url) => /^(https:|http:\/\/127\.0\.0\.1[:/])/.test(url), 'https (http only for 127.0.0.1)'),
      username: z.string().optional(),
      password: z.string().optional(),
    }),
  }),
})
export type NewDestination = z.infer<typeof newDestination>

export const jobRef = z.object({ job_id: id })
export const runRef = z.object({ run_id: id })
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).default(false)
const page = (max: number) => ({
  limit: z.coerce.number().int().min(1).max(max).default(20),
  page_token: z.coerce.number().int().nonnegative().default(0),
})
export const jobList = z.object({ ...page(100), name: z.string().optional() })
export const runList = z.object({ ...page(25), job_id: id.optional(), active_only: flag, completed_only: flag })

export const faults = z.strictObject({
  /** The next `times` calls whose path begins with `path` fail. */
  fail: z
    .strictObject({
      times: z.int().positive(),
      status: z.int().min(400).max(599),
      retry_after: z.number().nonnegative().optional(),
      path: z.string().optional(),
    })
    .optional(),
  /** For this many seconds connections are closed without an answer. Runs continue. */
  down: z.number().nonnegative().optional(),
  /** This many of the next notifications are never sent. */
  drop_notifications: z.int().nonnegative().optional(),
  /** Jobs that the principal may no longer run. */
  deny: z.array(z.int()).optional(),
  /** All OAuth tokens expire now. */
  revoke_tokens: z.boolean().optional(),
})
export type Faults = z.infer<typeof faults>

/** @throws {ApiError} INVALID_PARAMETER_VALUE that names every invalid field */
export function parse<Shape extends z.ZodType>(schema: Shape, given: unknown): z.infer<Shape> {
  const { data, error } = schema.safeParse(given)
  if (error !== undefined) throw invalid(z.prettifyError(error))
  return data
}

/** The parameters of a run: the job's defaults, and the request's values. */
export function parametersOf(job: ApiJobSettings, given: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = Object.fromEntries(job.parameters.map(({ name, default: value }) => [name, value]))
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(defaults, name))
  if (unknown.length > 0) throw invalid(`Job parameters [${unknown.join(', ')}] are not defined in the job.`)
  const bytes = Buffer.byteLength(JSON.stringify(given))
  if (bytes > PARAMETERS_LIMIT)
    throw invalid(`The job parameters have ${bytes} bytes as JSON; ${PARAMETERS_LIMIT} are allowed.`)
  return { ...defaults, ...given }
}

const REFERENCE = /\{\{\s*([^}]*?)\s*\}\}/g

/**
 * Dynamic value references (`{{job.parameters.NAME}}`, `{{job.parameters.[NAME]}}`, `{{job.id}}`, `{{job.run_id}}`) in the task's
 * arguments.
 *
 * @throws {ApiError} for an unknown reference
 */
export function resolve(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(REFERENCE, (_whole, name: string) => {
    const value = values[name.replace(/^job\.parameters\.\[(.*)\]$/, 'job.parameters.$1')]
    if (value === undefined)
      throw invalid(`{{${name}}} refers to nothing; it can be one of: ${Object.keys(values).join(', ')}`)
    return value
  })
}

export function references(
  run: { readonly jobId: number; readonly runId: number },
  parameters: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = Object.entries(parameters).map(([name, value]) => [`job.parameters.${name}`, value])
  return { ...Object.fromEntries(named), 'job.id': String(run.jobId), 'job.run_id': String(run.runId) }
}
