import { failureOf } from '../http/authorized.ts'
import type { HttpAnswer } from '../http/http.ts'
import type { RegistryApi } from './api.ts'

/**
 * The webhooks of a model registry, as whoever sets a lake up manages them. MLflow's own are in `webhook-admin-mlflow.ts`,
 * those of a Databricks workspace in `webhook-admin-databricks.ts`; the twin is in `test/twins/`.
 */
export interface WebhookAdmin {
  /** What a promotion is heard by, in the registry's own words. */
  readonly events: readonly string[]
  /** All of them, whoever made them. */
  list(): Promise<Hook[]>
  /** Not safe to repeat: names are not unique, and two hooks deliver everything twice. */
  create(name: string, url: string, secret: string): Promise<Hook>
  /** Makes it active, with all of {@link events}; with another secret where one is given. */
  mend(hook: Hook, secret?: string): Promise<Hook>
  /** Gone already is fine. */
  remove(id: string): Promise<void>
  /** Has the registry deliver an example of an event now. Works on one that is not active, too. */
  test(id: string): Promise<TestDelivery>
}

export interface Hook {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly events: readonly string[]
  readonly isActive: boolean
}

export interface TestDelivery {
  readonly delivered: boolean
  /** What the receiver answered; absent where there was no answer. */
  readonly status?: number
  /** Why there was none. */
  readonly reason?: string
}

/** The registry's answer was no 2xx. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly status: number
  /** The registry's own, such as `RESOURCE_DOES_NOT_EXIST`; empty where it said none. */
  readonly code: string
  /** What the registry said; empty where it said nothing that can be read. */
  readonly said: string

  constructor(what: string, { status, body, text = '' }: HttpAnswer) {
    const { code = '', message } = failureOf(body)
    // Whoever stands before the registry answers in HTML, which tells nobody anything.
    const said = message === '' && !text.trimStart().startsWith('<') ? text.trim() : message
    const told = [code, said].filter((each) => each !== '').join(': ')
    super(`${what} was answered with ${status}${told === '' ? '' : ` (${told.slice(0, 500)})`}`)
    this.status = status
    this.code = code
    this.said = said
  }
}

/**
 * A call whose answer is to be of `schema`.
 *
 * @throws {CallFailed} for any status but 2xx
 * @throws Error for an answer that is not of `schema`
 */
export async function asked<Answer>(
  { call }: Pick<RegistryApi, 'call'>,
  schema: { safeParse(body: unknown): { readonly success: boolean; readonly data?: Answer | undefined } },
  ...[method, path, body]: Parameters<RegistryApi['call']>
): Promise<Answer> {
  const what = `${method} ${path.split('?')[0]}`
  const answer = await call(method, path, body)
  if (answer.status < 200 || answer.status > 299) throw new CallFailed(what, answer)
  const { success, data } = schema.safeParse(answer.body ?? {})
  if (success) return data as Answer
  throw new Error(`${what} was answered, but not as the registry's documentation says`)
}
