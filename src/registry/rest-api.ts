import * as z from 'zod/mini'
import { Refused } from '../core/refused.ts'
import { failureOf } from '../http/authorized.ts'
import { type HttpAnswer, type HttpRequest, Unavailable } from '../http/http.ts'

/** The REST interface of a registry, with its credentials. */
export interface RegistryApi {
  /** Where it is, for messages too. */
  readonly host: string
  /** What to do where a right is lacking. */
  readonly rights: string
  /**
   * One call; any final answer is an answer, whatever its status.
   *
   * @param path from the host on, with its query
   * @param body sent as JSON
   * @throws {Refused} `unauthorized`, `bad-secret`
   * @throws {Unavailable} for no final answer
   */
  call(method: HttpRequest['method'], path: string, body?: unknown): Promise<HttpAnswer>
  /** Without credentials. */
  scrub(text: string): string
}

/** What is sent: as a query by GET, as JSON by POST. What is `undefined` is left out. */
export type Given = Readonly<Record<string, string | number | readonly string[] | undefined>>

/**
 * One call about a model. `undefined`: there is no such model, version or alias.
 *
 * @throws {Refused} `host-refused`, `permission-denied`, `registry-refused`, and those of `api.call`
 * @throws Error for an answer that is not of `schema`
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

/** What is signed for SageMaker has all escaped but letters, digits and `-_.~` (SigV4, "UriEncode"): so is what is sent. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** `RESOURCE_DOES_NOT_EXIST`; Unity Catalog has one for catalogs and schemas too. */
const ABSENT = /^NOT_FOUND$|_DOES_NOT_EXIST$/

/**
 * Whether it says that there is no such model, version or alias. An alias that is not there is an invalid parameter to
 * MLflow (3.17), and told from one that cannot be by its message.
 */
function isAbsent({ status, body }: HttpAnswer): boolean {
  if (status !== 404 && status !== 400) return false
  const { code = '', message } = failureOf(body)
  return (
    ABSENT.test(code) || (code === 'INVALID_PARAMETER_VALUE' && /\balias\b.* (not found|not exist)/is.test(message))
  )
}

/**
 * Whether it says that one may not, of a model that is not there: MLflow's own log-in (`--app-name basic-auth`, 3.17) does,
 * to all but its admins, wherever a version is asked for. Where the model itself is, it does not.
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

/** Codes that pass, whatever the status they come with. */
const PASSING = new Set([
  'TEMPORARILY_UNAVAILABLE',
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'RESOURCE_CONFLICT',
  'ABORTED',
  'DEADLINE_EXCEEDED',
])

/** What an answer that is not the one asked for means. */
function refusal(api: RegistryApi, registered: string, { status, body, text = '' }: HttpAnswer): Error {
  const { code = String(status), message } = failureOf(body)
  const said = [message, text, JSON.stringify(body) ?? ''].find((each) => each !== '')?.slice(0, 500)
  const found = api.scrub(said === undefined ? code : `${code}: ${said}`)
  const what = `the registry at ${api.host} refuses ${registered}: ${found}`
  if (status === 408 || status === 409 || PASSING.has(code)) return new Unavailable(what)
  const [kind, advice] = adviceOn(api, status, code, text)
  return new Refused(kind, what, { subject: registered, found, advice })
}

function adviceOn(api: RegistryApi, status: number, code: string, text: string): readonly [string, string] {
  const { host } = new URL(api.host)
  if (text.startsWith('Invalid Host header'))
    return ['host-refused', `Start the MLflow server with --allowed-hosts ${host}, and all else that it is called by.`]
  if (status === 403 || code === 'PERMISSION_DENIED') return ['permission-denied', api.rights]
  if (status < 400)
    return ['registry-refused', `Something before the registry asks for a log-in; let ${host} be called without.`]
  if (code === '404' || code === 'ENDPOINT_NOT_FOUND')
    return [
      'registry-refused',
      "Check the registry's address in lake.yml (`mlflow`, or `databricks.host`): MLflow's REST interface is not there.",
    ]
  return ['registry-refused', "Check the model's `model` and `promote` in lake.yml against the registry."]
}
