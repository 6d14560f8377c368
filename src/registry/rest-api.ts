import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import { failureOf, redirectAdvice } from '../http/authorized.ts'
import { type HttpAnswer, type HttpRequest, Unavailable } from '../http/http.ts'

/** The keys of lake.yml that hold a registry's address. */
export const ADDRESS = "the registry's address (`mlflow`, or `databricks.host`)"

/** The REST API of a registry, with its credentials. */
export interface RegistryApi {
  /** Its address, also for messages. */
  readonly host: string
  /** Advice for missing permissions. */
  readonly rights: string
  /**
   * One call. Any final response is returned, whatever its status.
   *
   * @param path after the host, with the query
   * @param body sent as JSON
   * @throws {Refused} `unauthorized`, `bad-secret`
   * @throws {Unavailable} if there is no final response
   */
  call(method: HttpRequest['method'], path: string, body?: unknown): Promise<HttpAnswer>
}

/** Sent as the query by GET, as JSON by POST. `undefined` values are left out. */
export type Given = Readonly<Record<string, string | number | readonly string[] | undefined>>

/**
 * One call about a model. Returns `undefined` if there is no such model, version or alias.
 *
 * @throws {Refused} `host-refused`, `permission-denied`, `registry-refused`, and those of `api.call`
 * @throws Error for a response that does not match `schema`
 */
export async function ask<Answer>(
  api: RegistryApi,
  registered: string,
  schema: z.ZodMiniType<Answer>,
  method: 'GET' | 'POST',
  path: string,
  given: Given,
): Promise<Answer | undefined> {
  const answer = await (method === 'GET' ? api.call(method, `${path}?${query(given)}`) : api.call(method, path, given))
  if (isAbsent(answer) || (await isHidden(api, registered, path, answer))) return undefined
  if (answer.status !== 200) throw refusal(api, registered, answer)
  const parsed = schema.safeParse(answer.body)
  if (parsed.success) return parsed.data
  throw new Error(`${api.host}${path} answered 200, but not as MLflow does: ${z.prettifyError(parsed.error)}`)
}

function query(given: Given): string {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escaped(String(value))}`)
    .join('&')
}

/** Escapes all but letters, digits and `-_.~`, as SigV4 does ("UriEncode"), so that the signed query is the one sent. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** `RESOURCE_DOES_NOT_EXIST`; Unity Catalog has such codes for catalogs and schemas too. */
const ABSENT = /^NOT_FOUND$|_DOES_NOT_EXIST$/

/**
 * Whether there is no such model, version or alias. For MLflow (3.17) a missing alias is an invalid parameter, just like a
 * malformed one; only the message tells them apart.
 */
function isAbsent({ status, body }: HttpAnswer): boolean {
  if (status !== 404 && status !== 400) return false
  const { code = '', message } = failureOf(body)
  return (
    ABSENT.test(code) || (code === 'INVALID_PARAMETER_VALUE' && /\balias\b.* (not found|not exist)/is.test(message))
  )
}

/**
 * Whether "Permission denied" means that the model does not exist. MLflow's own log-in (`--app-name basic-auth`, 3.17)
 * answers so to everyone but admins when asked for a version of a missing model, but not when asked for the model itself.
 */
async function isHidden(
  api: RegistryApi,
  registered: string,
  path: string,
  { status, text }: HttpAnswer,
): Promise<boolean> {
  const model = path.replace(/\/(?:registered-models|model-versions)\/.*/, '/registered-models/get')
  if (status !== 403 || text !== 'Permission denied' || path === model) return false
  return isAbsent(await api.call('GET', `${model}?${query({ name: registered })}`))
}

/** Errors that are temporary, whatever their status. */
const TEMPORARY = new Set([
  'TEMPORARILY_UNAVAILABLE',
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'RESOURCE_CONFLICT',
  'ABORTED',
  'DEADLINE_EXCEEDED',
])

function refusal(api: RegistryApi, registered: string, answer: HttpAnswer): Error {
  const { status, body, text = '', location } = answer
  const { code = String(status), message } = failureOf(body)
  const said = [message, text, JSON.stringify(body) ?? ''].find((each) => each !== '')
  const reason = location === undefined ? said : `redirected to ${location}`
  const found = reason === undefined ? code : `${code}: ${reason.slice(0, 500)}`
  const what = `the registry at ${api.host} refused ${registered}: ${found}`
  if (status === 408 || status === 409 || TEMPORARY.has(code)) return new Unavailable(what)
  const [kind, advice] = adviceOn(api, code, answer)
  return new Refused(kind, what, { subject: registered, found, advice })
}

function adviceOn(api: RegistryApi, code: string, answer: HttpAnswer): readonly [string, string] {
  const { status, text = '', location } = answer
  const { host } = new URL(api.host)
  if (text.startsWith('Invalid Host header'))
    return [
      'host-refused',
      `Start the MLflow server with --allowed-hosts ${host}, and every other name that it is called by.`,
    ]
  if (status === 403 || code === 'PERMISSION_DENIED') return ['permission-denied', api.rights]
  if (location !== undefined) return ['registry-refused', redirectAdvice(api.host, location, ADDRESS)]
  if (status < 400)
    return [
      'registry-refused',
      `A proxy in front of the registry asks for a log-in. Allow calls to ${host} without one.`,
    ]
  if (code === '404' || code === 'ENDPOINT_NOT_FOUND')
    return ['registry-refused', `Correct ${ADDRESS} in lake.yml: MLflow's REST API is not there.`]
  return ['registry-refused', "Check the model's `model` and `promote` in lake.yml against the registry."]
}
